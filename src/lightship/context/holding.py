"""How much is in what is left out: looked at without matching, and never opened but directories."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lightship.context.totals import Totals
from lightship.context.trail import DIRECTORY, Trail
from lightship.context.walking import Kind

if TYPE_CHECKING:
    from lightship.context.joined import Joined
    from lightship.context.walking import LeftOut


class Holding:
    """Counts what is left out; what cannot be read is not counted.

    Attributes:
        matched: the first path that each pattern matches below a directory left out, by its
            number from 0; of those only that had matched nothing before.
    """

    def __init__(self, joined: Joined) -> None:
        self.matched: dict[int, str] = {}
        self._joined = joined
        self._seen: set[tuple[int, int]] = set()

    def held(self, above: int, one: LeftOut, path: str) -> Totals:
        """How much an entry holds.

        Args:
            above: descriptor of the directory it is in.
            one: the entry.
            path: of it, from the root.
        """
        totals = Totals()
        if one.kind is Kind.FILE:
            try:
                self._count(os.stat(one.name, dir_fd=above, follow_symlinks=False), totals)
            except OSError:
                return totals
        elif one.kind is Kind.DIRECTORY:
            try:
                trail = Trail(os.open(one.name, DIRECTORY, dir_fd=above))
            except OSError:
                return totals
            try:
                self._descend(trail, path, totals)
            finally:
                trail.close()
        return totals

    def _descend(self, trail: Trail, path: str, totals: Totals) -> None:
        above = [(path, iter(self._scan(trail.descriptor, path, totals)))]
        while above:
            path, rest = above[-1]
            name = next(rest, None)
            try:
                if name is not None:
                    trail.descend(name)
                    inner = f"{path}/{name}"
                    above.append((inner, iter(self._scan(trail.descriptor, inner, totals))))
                    continue
            except OSError:
                continue
            above.pop()
            try:
                if above:
                    trail.ascend()
            except OSError:
                return

    def _scan(self, descriptor: int, path: str, totals: Totals) -> list[str]:
        """Count a directory's files; the names of the directories in it."""
        below = []
        names = []
        try:
            with os.scandir(descriptor) as scanned:
                for entry in scanned:
                    names.append(entry.name)
                    if entry.is_file(follow_symlinks=False):
                        self._count_entry(entry, totals)
                    elif entry.is_dir(follow_symlinks=False):
                        below.append(entry.name)
        except OSError:
            return below
        self._match(path, names)
        return below

    def _count_entry(self, entry: os.DirEntry[str], totals: Totals) -> None:
        try:
            self._count(entry.stat(follow_symlinks=False), totals)
        except FileNotFoundError:
            return

    def _count(self, status: os.stat_result, totals: Totals) -> None:
        totals.files += 1
        if status.st_nlink > 1:
            inode = status.st_dev, status.st_ino
            if inode in self._seen:
                return
            self._seen.add(inode)
        totals.content_bytes += status.st_size

    def _match(self, directory: str, names: list[str]) -> None:
        known = self._joined.matched.keys() | self.matched.keys()
        if len(known) == len(self._joined.tails):
            return
        here = self._joined.here(directory, sum(1 << number for number in known))
        for name in here.hits(names):
            for number in here.matching(name):
                self.matched.setdefault(number, f"{directory}/{name}")
