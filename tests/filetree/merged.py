"""Layers merged in memory, and what is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layers.scanned import scan
from lightship.filetree.merging import merge
from lightship.filetree.tree import Death
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from lightship.filetree.tree import FileTree
    from lightship.testing import Layer


def tree_of(*layers: Layer | bytes) -> FileTree:
    """The tree of these layers, oldest first; a layer given twice is one index at two positions."""
    indexes = {id(layer): scan(layer) for layer in layers}
    return merge([indexes[id(layer)] for layer in layers])


def names(tree: FileTree) -> dict[str, int]:
    """Path and inode of every name that is no directory."""
    return {
        entry.path.decode(): entry.inode
        for entry in tree.walk()
        if entry.kind is not Kind.DIRECTORY
    }


def deaths(tree: FileTree) -> dict[tuple[int, str], tuple[str, int]]:
    """Of each dead inode its layer and path: how it died, and by which layer."""
    found: dict[tuple[int, str], tuple[str, int]] = {}
    for record, death in enumerate(tree.deaths):
        if death:
            key = (tree.locate(record)[0], tree.path(record).decode())
            assert key not in found
            found[key] = (Death(death).name.lower(), tree.killers[record])
    return found
