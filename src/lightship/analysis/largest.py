"""The largest visible files: where to look when nothing is dead and the image is still big."""

from __future__ import annotations

import heapq
from itertools import compress
from typing import TYPE_CHECKING

from lightship.analysis.duplicates import visible_masks

if TYPE_CHECKING:
    from lightship.filetree.tree import FileTree


def largest_visible(tree: FileTree, count: int) -> list[tuple[int, int]]:
    """Records of the visible inodes with most content, and their bytes, largest first."""
    found: list[tuple[int, int]] = []
    for base, index, visible in visible_masks(tree):
        sizes = zip(index.columns.content_bytes, range(base, base + len(index)), strict=True)
        found += heapq.nlargest(count, compress(sizes, visible))
    largest = sorted(found, key=lambda item: (-item[0], item[1]))[:count]
    return [(record, size) for size, record in largest if size]
