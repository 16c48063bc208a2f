"""What a process of a random user and group 0 may do in an image, as OpenShift runs containers.

OpenShift's restricted-v2 policy gives each project a range of user IDs; the group is 0, all
capabilities are dropped ("Guidelines for creating images", "Support arbitrary user ids").
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from lightship.filetree.tree import Directory
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.filetree.tree import FileTree, TreeEntry

READ, WRITE, EXECUTE = 4, 2, 1
SETUID = 0o4000
_FIRST_FREE_PORT = 1024
_MOST_NAMES = 20_000


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


def unreadable_below(tree: FileTree, directory: Directory) -> list[bytes]:
    """Files that such a user cannot read, and directories that it cannot enter, in a directory.

    Looked at are the first 20,000 names.
    """
    found = []
    for holder, name, child in islice(directory.names_below(), _MOST_NAMES):
        is_directory = isinstance(child, Directory)
        record = child.record if isinstance(child, Directory) else tree.inode_of.get(child, child)
        if not is_directory and tree.kinds[record] != Kind.REGULAR:
            continue
        path = holder.path_of(name)
        if not may(tree.entry(path, record), READ | EXECUTE if is_directory else READ):
            found.append(path)
    return found


def low_ports(ports: Iterable[str]) -> Iterator[str]:
    """Those of exposed ports (`80/tcp`) that need a capability to listen on."""
    for port in ports:
        number = port.partition("/")[0]
        is_number = number.isascii() and number.isdecimal() and len(number) < 6
        if is_number and 0 < int(number) < _FIRST_FREE_PORT:
            yield port
