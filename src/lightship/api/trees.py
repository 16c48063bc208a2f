"""The merged file tree of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.api.measuring import measure
from lightship.api.options import ReadOptions

if TYPE_CHECKING:
    from lightship.filetree.tree import FileTree


def open_tree(reference: str, *, platform: str | None = None) -> FileTree:
    """Read an image, every byte of it, and merge its layers.

    Raises:
        LightshipError: as `inspect`.
    """
    return measure(reference, platform, ReadOptions(cache=None)).tree
