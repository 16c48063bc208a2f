"""Duplicates: visible inodes with equal content, told by xxh3-128 and size.

Good enough to measure; what leads to a rewrite is decided by comparing bytes.
"""

from __future__ import annotations

import heapq
from array import array
from collections import Counter
from itertools import compress
from operator import and_
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from lightship.layers.index import EMPTY_HASH
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.filetree.tree import FileTree
    from lightship.layers.index import LayerIndex

_EMPTY_KEY = array("Q", EMPTY_HASH)[0]
_IS_REGULAR = bytes(kind == Kind.REGULAR for kind in range(256))
_IS_ZERO = bytes(value == 0 for value in range(256))
# Above this, keys are counted a quarter at a time: a hundred bytes a key would show.
_COUNTED_AT_ONCE = 500_000


class DuplicateClass(NamedTuple):
    """Records whose inodes hold the same content; `wasted_bytes` is all copies but one."""

    wasted_bytes: int
    content_bytes: int
    records: list[int]


class Duplicates(Struct, frozen=True):
    """All duplicates of an image.

    Attributes:
        wasted_bytes: the sum of (n - 1) x size over classes of equal content.
        copies: number of inodes that are not the first of their class.
        largest: the classes that waste most, most first.
    """

    wasted_bytes: int
    copies: int
    largest: tuple[DuplicateClass, ...]


def find_duplicates(tree: FileTree, count: int) -> Duplicates:
    """Visible inodes with equal content above zero bytes; the `count` worst classes by name."""
    classes: dict[tuple[int, int], list[int]] = {}
    sizes: dict[tuple[int, int], int] = {}
    repeated = _repeated_keys(tree)
    for base, index, visible in visible_masks(tree) if repeated else ():
        first, second = hash_keys(index), _hash_keys(index, 1)
        hits = map(and_, visible, map(repeated.__contains__, first))
        for entry in compress(range(len(index)), hits):
            key = first[entry], second[entry]
            known = classes.get(key)
            if known is None:
                classes[key] = [base + entry]
                sizes[key] = index.columns.content_bytes[entry]
            else:
                known.append(base + entry)
    found = [
        DuplicateClass((len(records) - 1) * sizes[key], sizes[key], records)
        for key, records in classes.items()
        if len(records) > 1
    ]
    return Duplicates(
        wasted_bytes=sum(one.wasted_bytes for one in found),
        copies=sum(len(one.records) - 1 for one in found),
        largest=tuple(
            sorted(heapq.nlargest(count, found), key=lambda one: (-one.wasted_bytes, one.records))
        ),
    )


def hash_keys(index: LayerIndex) -> array[int]:
    """The first half of each entry's content hash, to look up many quickly."""
    return _hash_keys(index, 0)


def _hash_keys(index: LayerIndex, half: int) -> array[int]:
    return array("Q", bytes(index.columns.hashes))[half::2]


def visible_masks(tree: FileTree) -> Iterator[tuple[int, LayerIndex, bytes]]:
    """For each layer a mask: 1 where an entry made an inode that is visible."""
    for base, index in zip(tree.bases, tree.indexes, strict=True):
        count = len(index)
        regular = index.columns.kinds.translate(_IS_REGULAR)
        alive = tree.deaths[base : base + count].translate(_IS_ZERO)
        both = int.from_bytes(regular, "little") & int.from_bytes(alive, "little")
        yield base, index, both.to_bytes(count, "little")


def _repeated_keys(tree: FileTree) -> set[int]:
    """First halves of hashes that more than one visible record has."""
    shares = 4 if len(tree.deaths) > _COUNTED_AT_ONCE else 1
    repeated: set[int] = set()
    for share in range(shares):
        counts: Counter[int] = Counter()
        for _, index, visible in visible_masks(tree):
            keys = compress(hash_keys(index), visible)
            counts.update(keys if shares == 1 else (k for k in keys if k % shares == share))
        repeated.update(key for key, count in counts.items() if count > 1)
    repeated.discard(_EMPTY_KEY)
    return repeated
