"""What a container would have lost: a layer of whiteouts is laid on an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.filetree.tree import Directory
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.filetree.tree import FileTree


def visible_bytes(tree: FileTree) -> int:
    inodes = {e.inode: e.content_bytes for e in tree.walk() if e.kind is Kind.REGULAR}
    return sum(inodes.values())


def whiteouts(tree: FileTree, paths: Iterable[bytes]) -> dict[bytes, object]:
    """A layer that removes what of the paths there is, none through a link."""
    layer: dict[bytes, object] = {}
    for path in paths:
        head, _, name = path.rpartition(b"/")
        directory: object = tree.root
        for part in head.split(b"/") if head else ():
            directory = directory.children.get(part) if isinstance(directory, Directory) else None
        if isinstance(directory, Directory) and name in directory.children:
            layer[(head + b"/" if head else b"") + b".wh." + name] = b""
    return layer
