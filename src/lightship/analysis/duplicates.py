"""Duplicates: visible inodes with equal content, told by xxh3-128 and size.

Good enough to measure; what leads to a rewrite is decided by comparing bytes.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import compress
from operator import and_
from typing import TYPE_CHECKING

from lightship.layers.index import EMPTY_HASH
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.filetree.tree import FileTree
    from lightship.layers.index import LayerIndex

_EMPTY_KEY = array("Q", EMPTY_HASH)[0]
_IS_REGULAR = bytes(kind == Kind.REGULAR for kind in range(256))
_IS_ZERO = bytes(value == 0 for value in range(256))
# Above this, keys are counted a sixteenth at a time: a hundred bytes a key would show.
_COUNTED_AT_ONCE = 500_000


@dataclass(frozen=True, slots=True)
class DuplicateClass:
    """Records whose inodes hold the same content; `wasted_bytes` is all copies but one."""

    records: tuple[int, ...]
    content_bytes: int

    @property
    def wasted_bytes(self) -> int:
        """(n - 1) x size."""
        return (len(self.records) - 1) * self.content_bytes


def duplicate_classes(tree: FileTree) -> list[DuplicateClass]:
    """Classes of two and more visible inodes with equal content above zero bytes, worst first."""
    classes: dict[bytes, list[int]] = defaultdict(list)
    sizes: dict[bytes, int] = {}
    repeated = _repeated_keys(tree)
    for base, index, visible in visible_masks(tree):
        if not repeated:
            break
        hits = map(repeated.__contains__, hash_keys(index))
        for entry in compress(range(len(index)), map(and_, visible, hits)):
            content_hash = index.content_hash(entry)
            classes[content_hash].append(base + entry)
            sizes[content_hash] = index.columns.content_bytes[entry]
    found = [
        DuplicateClass(tuple(records), sizes[content_hash])
        for content_hash, records in classes.items()
        if len(records) > 1
    ]
    return sorted(found, key=lambda one: (-one.wasted_bytes, one.records))


def hash_keys(index: LayerIndex) -> array[int]:
    """The first half of each entry's content hash, to look up many quickly."""
    return array("Q", bytes(index.columns.hashes))[::2]


def visible_masks(tree: FileTree) -> Iterator[tuple[int, LayerIndex, bytes]]:
    """For each layer a mask: 1 where an entry made an inode that is visible."""
    for base, index in zip(tree.bases, tree.indexes, strict=True):
        count = len(index)
        regular = index.columns.kinds.translate(_IS_REGULAR)
        alive = tree.deaths[base : base + count].translate(_IS_ZERO)
        both = int.from_bytes(regular, "little") & int.from_bytes(alive, "little")
        yield base, index, both.to_bytes(count, "little")


def _repeated_keys(tree: FileTree) -> set[int]:
    shares = 16 if len(tree.deaths) > _COUNTED_AT_ONCE else 1
    repeated: set[int] = set()
    for share in range(shares):
        counts: Counter[int] = Counter()
        for _, index, visible in visible_masks(tree):
            keys = compress(hash_keys(index), visible)
            counts.update(key for key in keys if key % 16 == share) if shares > 1 else (
                counts.update(keys)
            )
        repeated.update(key for key, count in counts.items() if count > 1)
    repeated.discard(_EMPTY_KEY)
    return repeated
