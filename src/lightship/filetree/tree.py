"""The file tree: the merged result of the layers; names point at inodes.

Memory: a name costs its slot in its directory's dictionary, a number, and nothing else; names are
the very objects of the layer indexes.
"""

from __future__ import annotations

from bisect import bisect_right
from enum import IntEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import CorruptInputError
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Mapping, Sequence

    from lightship.layers.index import LayerIndex

_IMPLICIT_MODE = 0o755
# A look-up costs a third of what a call of the enumeration does.
_KINDS = tuple(Kind)


class Death(IntEnum):
    """What took an inode's last name (DESIGN, "dead kinds"); `ALIVE` while it has one."""

    ALIVE = 0
    DELETED = 1
    OVERWRITTEN = 2
    METADATA_COPY = 3
    IN_LAYER_DUPLICATE = 4


class Directory:
    """A directory of the tree: `children` by name, a record's number or another directory."""

    __slots__ = ("children", "name", "parent", "record")

    def __init__(self, record: int, parent: Directory | None, name: bytes) -> None:
        self.children: dict[bytes, Child] = {}
        self.record = record
        """Number of the record that made it; -1 where none did."""
        self.parent = parent
        self.name = name

    def path_of(self, child: bytes) -> bytes:
        """The path of a name in this directory."""
        parts = [child]
        directory: Directory | None = self
        while directory is not None and directory.parent is not None:
            parts.append(directory.name)
            directory = directory.parent
        return b"/".join(reversed(parts))

    def names_below(self) -> Iterator[tuple[Directory, bytes, Child]]:
        """Every name below this directory, siblings in byte order, a directory before its own."""
        stack = [(self, iter(sorted(self.children)))]
        while stack:
            directory, names = stack[-1]
            name = next(names, None)
            if name is None:
                stack.pop()
                continue
            child = directory.children[name]
            yield directory, name, child
            if isinstance(child, Directory):
                stack.append((child, iter(sorted(child.children))))


Child = int | Directory


class TreeEntry(Struct, frozen=True):
    """One name of the final tree.

    Attributes:
        path: relative to the root.
        kind: of the inode, never a hard link.
        inode: equal numbers are one inode; directories that no record made have -1.
        content_hash: xxh3-128 of a regular file's content.
        link_target: of a symbolic link.
    """

    path: bytes
    kind: Kind
    inode: int
    content_bytes: int
    content_hash: bytes
    mode: int
    uid: int
    gid: int
    mtime_ns: int
    link_target: bytes
    device: tuple[int, int]
    xattrs: Mapping[bytes, bytes]


class FileTree(Struct, frozen=True, kw_only=True):
    """Layers merged. Records are numbered through all layers: `bases[i] + entry`.

    Attributes:
        root: the root directory.
        indexes: one for each position, oldest first; a layer listed twice stands twice.
        bases: number of each position's first record.
        kinds: `Kind` of each record.
        deaths: `Death` of the inode that each regular record made; 0 for other records.
        killers: position (1..n) of the layer that took the inode's last name; 0 if alive.
        inode_of: of each hard-link record that found its target: the record that made the inode.
        files: names of regular files.
        lost_links: hard-link records without a target; they made no name.
    """

    root: Directory
    indexes: Sequence[LayerIndex]
    bases: Sequence[int]
    kinds: bytearray
    deaths: bytearray
    killers: array[int]
    inode_of: Mapping[int, int]
    files: int
    lost_links: Sequence[int]

    def locate(self, record: int) -> tuple[int, LayerIndex, int]:
        """The position (1..n), index and entry number of a record."""
        position = bisect_right(self.bases, record)
        return position, self.indexes[position - 1], record - self.bases[position - 1]

    def path(self, record: int) -> bytes:
        """The path a record gives."""
        _, index, entry = self.locate(record)
        return index.path(entry)

    def find(self, path: bytes) -> Directory | None:
        """The directory at a path, links followed inside the root; None where there is none."""
        from lightship.filetree.paths import Paths  # noqa: PLC0415 - it imports this module

        paths = Paths(self.kinds, self.inode_of, self._link_target, self.root)
        try:
            return paths.find(path)
        except CorruptInputError:  # a loop leads nowhere
            return None

    def _link_target(self, record: int) -> bytes:
        _, index, entry = self.locate(record)
        return index.rarities.links[entry]

    def walk(self) -> Iterator[TreeEntry]:
        """Every name below the root, a directory before what is in it, siblings in byte order."""
        stack: list[tuple[bytes, Directory, Iterator[bytes]]]
        stack = [(b"", self.root, iter(sorted(self.root.children)))]
        while stack:
            prefix, directory, names = stack[-1]
            name = next(names, None)
            if name is None:
                stack.pop()
                continue
            child = directory.children[name]
            path = prefix + name
            if isinstance(child, Directory):
                yield self.entry(path, child.record)
                stack.append((path + b"/", child, iter(sorted(child.children))))
            else:
                yield self.entry(path, self.inode_of.get(child, child))

    def entry(self, path: bytes, record: int) -> TreeEntry:
        """The name at a path; `record` is the one that made its inode, -1 where none did."""
        if record < 0:
            return TreeEntry(
                path, Kind.DIRECTORY, record, 0, b"", _IMPLICIT_MODE, 0, 0, 0, b"", (0, 0), {}
            )
        _, index, entry = self.locate(record)
        columns, rarities = index.columns, index.rarities
        kind = _KINDS[columns.kinds[entry]]
        return TreeEntry(
            path=path,
            kind=kind,
            inode=record,
            content_bytes=columns.content_bytes[entry],
            content_hash=index.content_hash(entry) if kind is Kind.REGULAR else b"",
            mode=columns.modes[entry],
            uid=columns.uids[entry],
            gid=columns.gids[entry],
            mtime_ns=columns.mtimes_ns[entry],
            link_target=rarities.links.get(entry, b"") if kind is Kind.SYMLINK else b"",
            device=rarities.devices.get(entry, (0, 0)),
            xattrs=rarities.xattrs.get(entry, {}),
        )
