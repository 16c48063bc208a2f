"""Places: every visible regular inode, at the first of its names in byte order."""

from __future__ import annotations

from array import array
from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.filetree.tree import Directory
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from lightship.filetree.tree import FileTree

_REGULAR = Kind.REGULAR.value


class Place(Struct, frozen=True):
    """A directory, and the inodes whose first name is in it.

    Attributes:
        path: of the directory, relative to the root, which is `b""`.
        names: in byte order.
        records: for each name the record that made its inode.
        sizes: for each its content bytes.
    """

    path: bytes
    directory: Directory
    names: list[bytes]
    records: array[int]
    sizes: array[int]


def find_places(tree: FileTree) -> list[Place]:
    """Every directory of the tree, parents before their children, siblings in byte order.

    Each visible regular inode stands in exactly one place: their sizes add up to `visible_bytes`.
    """
    firsts = _first_names(tree)
    kinds, inode_of = tree.kinds, tree.inode_of
    shared = set(inode_of.values())
    sizes_of = array("Q")
    for index in tree.indexes:
        sizes_of.extend(index.columns.content_bytes)
    places: list[Place] = []
    stack: list[tuple[bytes, Directory]] = [(b"", tree.root)]
    while stack:
        path, directory = stack.pop()
        place = Place(path, directory, [], array("Q"), array("Q"))
        places.append(place)
        below: list[tuple[bytes, Directory]] = []
        prefix = path + b"/" if path else b""
        for name, child in sorted(directory.children.items()):
            if isinstance(child, Directory):
                below.append((prefix + name, child))
                continue
            inode = inode_of.get(child, child)
            if kinds[inode] != _REGULAR:
                continue
            if inode in shared and firsts[inode] != prefix + name:
                continue
            place.names.append(name)
            place.records.append(inode)
            place.sizes.append(sizes_of[inode])
        stack.extend(reversed(below))
    return places


def _first_names(tree: FileTree) -> dict[int, bytes]:
    """First path in byte order of each inode that hard links have named."""
    shared = set(tree.inode_of.values())
    if not shared:
        return {}
    names: dict[int, list[bytes]] = defaultdict(list)
    for directory, name, child in tree.root.names_below():
        if isinstance(child, Directory):
            continue
        inode = tree.inode_of.get(child, child)
        if inode in shared:
            names[inode].append(directory.path_of(name))
    return {inode: min(paths) for inode, paths in names.items()}
