"""Moves: what one layer deletes and brings back at another path, byte for byte."""

from __future__ import annotations

from collections import defaultdict, deque
from itertools import compress
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.duplicates import hash_keys
from lightship.filetree.tree import Death
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.analysis.dead import DeadRecord
    from lightship.filetree.tree import FileTree


class MovedTree(Struct, frozen=True):
    """A file, or files moved together from one directory to another; bytes are those now dead."""

    source: bytes
    target: bytes
    born: int
    moved_by: int
    content_bytes: int
    files: int


def find_moves(tree: FileTree, dead_inodes: Iterable[DeadRecord]) -> list[MovedTree]:
    """What `mv` did: content deleted by a layer that holds the same content elsewhere.

    Files that keep their name relative to a directory that moved count as one move of it.
    """
    by_killer: dict[int, list[DeadRecord]] = defaultdict(list)
    for dead in dead_inodes:
        if dead.death == Death.DELETED and dead.content_bytes:
            by_killer[dead.killed_by].append(dead)
    totals: dict[tuple[bytes, bytes, int, int], list[int]] = defaultdict(lambda: [0, 0])
    last_paths: dict[tuple[bytes, bytes, int, int], tuple[bytes, bytes]] = {}
    for killer, lost in by_killer.items():
        for dead, target in _pairs(tree, killer, lost):
            path = tree.path(dead.record)
            key = (*moved_root(path, target), dead.born, killer)
            total = totals[key]
            total[0] += dead.content_bytes
            total[1] += 1
            last_paths[key] = path, target
    moves = [
        MovedTree(*(last_paths[key] if total[1] == 1 else key[:2]), *key[2:], *total)
        for key, total in totals.items()
    ]
    return sorted(moves, key=lambda move: (-move.content_bytes, move.source))


def _pairs(tree: FileTree, killer: int, lost: list[DeadRecord]) -> list[tuple[DeadRecord, bytes]]:
    """Each lost inode with the path at which the layer that took it has the same content."""
    wanted: dict[bytes, _Waiting] = defaultdict(_Waiting)
    keys: set[int] = set()
    for dead in reversed(lost):
        _, index, entry = tree.locate(dead.record)
        content_hash = index.content_hash(entry)
        wanted[content_hash].add(dead, index.columns.names[entry])
        keys.add(int.from_bytes(content_hash[:8], "little"))
    index = tree.indexes[killer - 1]
    own_keys = hash_keys(index)
    pairs: list[tuple[DeadRecord, bytes]] = []
    if keys.isdisjoint(own_keys):
        return pairs
    for entry in compress(range(len(index)), map(keys.__contains__, own_keys)):
        if index.columns.kinds[entry] == Kind.REGULAR:
            waiting = wanted.get(index.content_hash(entry))
            best = waiting.take(index.columns.names[entry]) if waiting is not None else None
            if best is not None:
                pairs.append((best, index.path(entry)))
    return pairs


class _Waiting:
    """Lost inodes with one content; there may be as many as an image has files."""

    def __init__(self) -> None:
        self._all: list[DeadRecord] = []
        self._by_name: dict[bytes, deque[DeadRecord]] = defaultdict(deque)
        self._taken: set[int] = set()

    def add(self, dead: DeadRecord, name: bytes) -> None:
        """One more that waits."""
        self._all.append(dead)
        self._by_name[name].append(dead)

    def take(self, name: bytes) -> DeadRecord | None:
        """One of them, of that name if there is one; None if all are taken."""
        named = self._by_name.get(name)
        while named:
            dead = named.popleft()
            if self._is_free(dead):
                return dead
        while self._all:
            dead = self._all.pop()
            if self._is_free(dead):
                return dead
        return None

    def _is_free(self, dead: DeadRecord) -> bool:
        """Whether it still waits; it no longer does."""
        waits = dead.record not in self._taken
        self._taken.add(dead.record)
        return waits


def moved_root(source: bytes, target: bytes) -> tuple[bytes, bytes]:
    """The paths of a moved name without what they have in common at the end: what was moved."""
    old, new = source.split(b"/"), target.split(b"/")
    while len(old) > 1 and len(new) > 1 and old[-1] == new[-1]:
        old.pop()
        new.pop()
    return b"/".join(old), b"/".join(new)
