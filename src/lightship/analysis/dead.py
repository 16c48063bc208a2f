"""Dead bytes: inodes without a name, by the layer that brought them and the one that took them."""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from lightship.filetree.tree import Death

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.filetree.tree import FileTree

_DEAD = re.compile(rb"[^\0]+")
# A directory is named itself unless a few of its directories hold nearly all of it.
_CHILD_SHARE = 0.1
_CHILDREN_SHARE = 0.8


class DeadRecord(NamedTuple):
    """One dead inode; layers are positions, `death` is a value of `Death`."""

    record: int
    born: int
    killed_by: int
    death: int
    content_bytes: int


class DeadGroup(Struct):
    """The dead inodes of one layer that another took in one way."""

    born: int
    killed_by: int
    death: Death
    content_bytes: int = 0
    files: int = 0
    directories: dict[int, DirectorySum] = field(default_factory=dict)
    """By number in the born layer's index."""
    places: list[DeadPlace] = field(default_factory=list)
    """Where the bytes gather."""


class DirectorySum(Struct):
    """Dead content bytes and files in a directory."""

    content_bytes: int = 0
    files: int = 0

    def add(self, content_bytes: int, files: int) -> None:
        """Count more."""
        self.content_bytes += content_bytes
        self.files += files


class DeadPlace(Struct, frozen=True):
    """A directory in which dead bytes of one group gather."""

    path: bytes
    group: DeadGroup
    content_bytes: int
    files: int


def dead_records(tree: FileTree) -> list[DeadRecord]:
    """Every dead inode, in the order of the layers."""
    found: list[DeadRecord] = []
    killers = tree.killers
    for position, (base, index) in enumerate(zip(tree.bases, tree.indexes, strict=True), 1):
        deaths = tree.deaths[base : base + len(index)]
        sizes = index.columns.content_bytes
        for span in _DEAD.finditer(deaths):
            found += [
                DeadRecord(
                    base + entry, position, killers[base + entry], deaths[entry], sizes[entry]
                )
                for entry in range(*span.span())
            ]
    return found


def dead_groups(tree: FileTree, dead: Iterable[DeadRecord]) -> list[DeadGroup]:
    """Dead inodes by layer of birth, layer of death and kind, most bytes first."""
    groups: dict[tuple[int, int, int], DeadGroup] = {}
    for record, born, killed_by, death, content_bytes in dead:
        key = (born, killed_by, death)
        group = groups.get(key)
        if group is None:
            group = groups[key] = DeadGroup(born, killed_by, Death(death))
        group.content_bytes += content_bytes
        group.files += 1
        directories = tree.indexes[born - 1].columns.directories
        number = directories[record - tree.bases[born - 1]]
        here = group.directories.get(number)
        if here is None:
            here = group.directories[number] = DirectorySum()
        here.content_bytes += content_bytes
        here.files += 1
    for group in groups.values():
        group.places = _places_of(tree.indexes[group.born - 1].directories, group)
    return sorted(
        groups.values(), key=lambda group: (-group.content_bytes, group.born, group.killed_by)
    )


def largest_dead(dead: Iterable[DeadRecord], count: int) -> list[DeadRecord]:
    """The dead inodes with most content, largest first; none without content."""
    found = (one for one in dead if one.content_bytes)
    return heapq.nsmallest(count, found, key=lambda one: (-one.content_bytes, one.record))


def largest_places(groups: Iterable[DeadGroup], count: int) -> list[DeadPlace]:
    """The directories that hold most dead bytes, largest first, none inside another of its group.

    A directory stands for itself where its bytes are spread, and gives way to its directories
    where a few of them hold nearly all.
    """
    places = [place for group in groups for place in group.places]
    return heapq.nsmallest(count, places, key=lambda place: (-place.content_bytes, place.path))


def _places_of(paths: Sequence[bytes], group: DeadGroup) -> list[DeadPlace]:
    sums: dict[bytes, DirectorySum] = defaultdict(DirectorySum)
    children: dict[bytes, set[bytes]] = defaultdict(set)
    for number, here in group.directories.items():
        path = paths[number]
        while True:
            sums[path].add(here.content_bytes, here.files)
            if not path:
                break
            parent = path.rpartition(b"/")[0]
            children[parent].add(path)
            path = parent
    places: list[DeadPlace] = []
    pending = [b""]
    while pending:
        path = pending.pop()
        total = sums[path].content_bytes
        heavy = [
            child
            for child in children.get(path, ())
            if sums[child].content_bytes >= _CHILD_SHARE * total
        ]
        if heavy and sum(sums[child].content_bytes for child in heavy) >= _CHILDREN_SHARE * total:
            pending += heavy
        elif total:
            places.append(DeadPlace(path, group, total, sums[path].files))
    return places
