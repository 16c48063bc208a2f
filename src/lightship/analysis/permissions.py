"""What a process of a random user and group 0 may do in an image, as OpenShift runs containers.

OpenShift's restricted-v2 policy gives each project a range of user IDs; the group is 0, all
capabilities are dropped ("Guidelines for creating images", "Support arbitrary user ids").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.filetree.tree import Directory

if TYPE_CHECKING:
    from lightship.filetree.tree import FileTree, TreeEntry

READ, WRITE, EXECUTE = 4, 2, 1


def may(entry: TreeEntry, what: int) -> bool:
    """Whether any user of group 0 may do all of `what` with a file or directory."""
    bits = entry.mode >> 3 if entry.gid == 0 else entry.mode
    return bits & what == what


def closed_directory(tree: FileTree, path: bytes) -> bytes | None:
    """The first directory on the way to a path that such a user cannot pass; None if none is."""
    directory = tree.root
    for name in path.split(b"/")[:-1]:
        child = directory.children.get(name)
        if not isinstance(child, Directory):
            return None
        directory = child
        at = directory.path_of(b"")[:-1]
        if not may(tree.entry(at, directory.record), EXECUTE):
            return at
    return None


def is_writable(tree: FileTree, directory: Directory) -> bool:
    """Whether such a user may make files in a directory."""
    at = directory.path_of(b"")[:-1]
    return may(tree.entry(at, directory.record), WRITE | EXECUTE)
