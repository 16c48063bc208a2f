"""Growth between two file trees: what happened to names, counted, listed, and by directory."""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.growth_directories import Grown
from lightship.analysis.growth_moves import Moved, find_moved
from lightship.analysis.growth_names import LoneNames, Tally, is_file
from lightship.filetree.diffing import Change, How, diff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.filetree.tree import FileTree

# A list is cut back when it is so many times as long as it may be in the end.
_SLACK = 8
WHATS = ("added", "removed", "changed", "metadata", "touched", "moved")


class Growth(Struct, frozen=True, kw_only=True):
    """Everything that differs between two trees; lists are as long as was asked, largest first.

    Attributes:
        tallies: by what happened: `added`, `removed`, `changed`, `metadata`, `touched` (nothing but
            the modification time), `moved`.
        listed: the largest of each, but of `moved`.
        moves: all of them.
        directories: growth of each directory by itself, without its wire bytes.
    """

    tallies: dict[str, Tally]
    listed: dict[str, list[Change]]
    moves: Sequence[Moved]
    directories: defaultdict[bytes, Grown]

    @property
    def is_nothing(self) -> bool:
        """Whether the trees are the same in everything."""
        return not any(tally.names for tally in self.tallies.values())


def grow(a: FileTree, b: FileTree, listed: int) -> Growth:
    """Compare two trees; memory grows with the names that only one of them has."""
    ledger = _Ledger(a, b, listed)
    for change in diff(a, b):
        ledger.enter(change)
    return ledger.closed()


class _Ledger:
    def __init__(self, a: FileTree, b: FileTree, listed: int) -> None:
        self._a, self._b, self._listed = a, b, listed
        self._tallies = {what: Tally() for what in WHATS}
        self._largest: dict[str, list[Change]] = {"changed": [], "metadata": [], "touched": []}
        self._removed, self._added = LoneNames(), LoneNames()
        self._directories: defaultdict[bytes, Grown] = defaultdict(Grown)

    def enter(self, change: Change) -> None:
        grown = self._directories[change.path.rpartition(b"/")[0]]
        grown.visible_bytes += change.new_bytes - change.old_bytes
        grown.files += is_file(change.new) - is_file(change.old)
        if change.new is None and change.old is not None:
            self._removed.enter(change.old, change.old_bytes, change.old_link)
        elif change.old is None and change.new is not None:
            self._added.enter(change.new, change.new_bytes, change.new_link)
        else:
            what = "touched" if change.only_touched else change.how.value
            self._tallies[what].add(change)
            largest = self._largest[what]
            largest.append(change)
            if len(largest) > _SLACK * (self._listed + 1):
                self._largest[what] = _cut(largest, self._listed)

    def closed(self) -> Growth:
        removed, added = self._removed, self._added
        moves = find_moved(removed, added)
        moved_from = {old for move in moves for old, _ in move.pairs}
        moved_to = {new for move in moves for _, new in move.pairs}
        tallies, listed = self._tallies, {}
        for what, found in self._largest.items():
            listed[what] = _cut(found, self._listed)
        for names, moved, how, tree in (
            (removed, moved_from, How.REMOVED, self._a),
            (added, moved_to, How.ADDED, self._b),
        ):
            tallies[how.value] = names.tally(names.others(moved), how)
            listed[how.value] = names.largest(names.others(moved), self._listed, how, tree)
        gone, came = removed.tally(moved_from, How.REMOVED), added.tally(moved_to, How.ADDED)
        tallies["moved"] = Tally(came.names, came.files, gone.old_bytes, came.new_bytes)
        return Growth(tallies=tallies, listed=listed, moves=moves, directories=self._directories)


def _cut(changes: list[Change], count: int) -> list[Change]:
    """Those that weigh most: first by how much they grew or shrank, then by their content."""
    return heapq.nsmallest(count, changes, key=_weight)


def _weight(change: Change) -> tuple[int, int, bytes]:
    old, new = change.old_bytes, change.new_bytes
    return -abs(new - old), -max(old, new), change.path
