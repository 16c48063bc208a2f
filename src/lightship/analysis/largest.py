"""The largest visible files: where to look when nothing is dead and the image is still big."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from lightship.filetree.tree import Death

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.filetree.tree import FileTree


def largest_visible(tree: FileTree, count: int) -> list[tuple[int, int]]:
    """Records of the visible inodes with most content, and their bytes, largest first."""
    return heapq.nsmallest(count, _candidates(tree, count), key=lambda item: (-item[1], item[0]))


def _candidates(tree: FileTree, count: int) -> Iterator[tuple[int, int]]:
    alive = Death.ALIVE.value
    for base, index in zip(tree.bases, tree.indexes, strict=True):
        sizes = index.columns.content_bytes
        deaths = tree.deaths[base : base + len(index)]
        # All alive entries of a layer that can be among the largest are at or above this bound.
        alive_sizes = (
            sizes if not any(deaths) else [s for s, d in zip(sizes, deaths, strict=True) if d == 0]
        )
        bound = min(heapq.nlargest(count, alive_sizes), default=0) or 1
        for entry, size in enumerate(sizes):
            if size >= bound and deaths[entry] == alive:
                yield base + entry, size
