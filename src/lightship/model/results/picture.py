"""The picture of an image: its files as a tree with weights, folded so that a page can hold it."""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct


class NodeKind(IntEnum):
    """What a node of the picture stands for."""

    DIRECTORY = 0
    FILE = 1
    """A visible inode, at the first of its names in byte order."""
    DEAD = 2
    """An inode without a name, where its record put it."""
    FOLDED = 3
    """Several small files of a directory and of directories in it."""
    FOLDED_DEAD = 4
    OVERHEAD = 5
    """What of a layer's blob is no content: headers, padding, markers, links, trailers."""
    CONFIG = 6


class PicturePackage(Struct, frozen=True, array_like=True):
    """A package that a node belongs to; the first row of a table is no package."""

    name: str
    version: str | None
    system: str | None


class Picture(Struct, frozen=True, kw_only=True):
    """The tree in columns, one element a node; a directory stands before what is in it.

    The first node is the root: its figures are the image's. Every directory's figures are the sums
    of what is directly in it. `visible_bytes` and `dead_bytes` together are `unpacked_bytes`;
    `wire_bytes` holds live and dead files, overhead and config, so the root has what is pulled.

    Attributes:
        names: last path component, safe to show; the root's and those of folded nodes are empty.
        depths: 0 for the root; a node's directory is the last one before it with one less.
        kinds: `NodeKind`.
        files: inodes in it.
        packages: row of `package_table`; of a folded node where most of its bytes belong, as
            for the other two. 0 for directories.
        categories: row of `category_table`.
        layers: position of the layer that brought it; 0 for directories and the config.
        killed_by: of dead files the position of the layer that took the last name, else 0.
        category_table: names as in the catalogue; the first is no category.
    """

    names: tuple[str, ...]
    depths: tuple[int, ...]
    kinds: tuple[int, ...]
    wire_bytes: tuple[int, ...]
    visible_bytes: tuple[int, ...]
    dead_bytes: tuple[int, ...]
    files: tuple[int, ...]
    packages: tuple[int, ...]
    categories: tuple[int, ...]
    layers: tuple[int, ...]
    killed_by: tuple[int, ...]
    package_table: tuple[PicturePackage, ...]
    category_table: tuple[str, ...]
