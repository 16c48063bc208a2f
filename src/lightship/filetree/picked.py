"""Some names of a tree as one layer of their own, to be laid over other layers in thought."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.filetree.tree import Directory
from lightship.layers.index import Columns, LayerIndex, Rarities
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.filetree.tree import FileTree

    Choose = Callable[[bytes, bytes, int], bool]
    """Asked for each name that is no directory: the directory's path, the name, its inode."""


class Picked(Struct, frozen=True):
    """A layer made of names of a tree.

    Attributes:
        index: as if a tar had held these names, a directory before what is in it; captures are
            those of the tree's layers. No tar is behind it: `offsets` are 0.
        origins: for each entry the record of the tree that made its inode.
    """

    index: LayerIndex
    origins: array[int]


def pick(tree: FileTree, choose: Choose, over: FileTree) -> Picked:
    """Take the names that are chosen.

    Directories come along where something in them is chosen and `over` has none of that path: what
    is a link to a directory there stays one, and what is picked goes through it.
    """
    return _Picking(tree, choose, over).run()


class _Picking:
    def __init__(self, tree: FileTree, choose: Choose, over: FileTree) -> None:
        self._tree, self._choose, self._over = tree, choose, over
        self._columns, self._rarities = Columns(), Rarities()
        self._origins = array("q")
        self._paths: list[bytes] = [b""]
        self._numbers: dict[bytes, int] = {b"": 0}
        self._made: set[Directory] = {tree.root}
        self._firsts: dict[int, bytes] = {}

    def run(self) -> Picked:
        paths: dict[Directory, bytes] = {self._tree.root: b""}
        for directory, name, child in self._tree.root.names_below():
            above = paths[directory]
            if isinstance(child, Directory):
                paths[child] = above + b"/" + name if above else name
                continue
            inode = self._tree.inode_of.get(child, child)
            if self._choose(above, name, inode):
                self._directories(directory, paths)
                self._name(above, name, inode)
        index = LayerIndex(
            directories=self._paths, columns=self._columns, rarities=self._rarities, tar_bytes=0
        )
        return Picked(index, self._origins)

    def _directories(self, directory: Directory, paths: dict[Directory, bytes]) -> None:
        missing = []
        at: Directory | None = directory
        while at is not None and at not in self._made:
            missing.append(at)
            at = at.parent
        for one in reversed(missing):
            self._made.add(one)
            path = paths[one]
            if one.record >= 0 and self._over.find(path) is None:
                self._add(path.rpartition(b"/")[0], one.name, one.record, Kind.DIRECTORY)

    def _name(self, above: bytes, name: bytes, inode: int) -> None:
        path = above + b"/" + name if above else name
        first = self._firsts.setdefault(inode, path)
        if first is path:
            self._add(above, name, inode, Kind(self._tree.kinds[inode]))
            return
        self._rarities.links[len(self._columns.kinds)] = first
        self._add(above, name, inode, Kind.HARD_LINK)

    def _add(self, above: bytes, name: bytes, record: int, kind: Kind) -> None:
        _, index, entry = self._tree.locate(record)
        source, columns = index.columns, self._columns
        number = len(columns.kinds)
        columns.directories.append(self._number(above))
        columns.names.append(name)
        columns.kinds.append(kind)
        columns.modes.append(source.modes[entry])
        columns.mtimes_ns.append(source.mtimes_ns[entry])
        columns.uids.append(source.uids[entry])
        columns.gids.append(source.gids[entry])
        columns.offsets.append(0)
        columns.header_bytes.append(0)
        is_inode = kind is not Kind.HARD_LINK
        columns.content_bytes.append(source.content_bytes[entry] if is_inode else 0)
        columns.hashes += index.content_hash(entry) if is_inode else bytes(16)
        self._origins.append(record)
        if is_inode:
            self._rare(index.rarities, entry, number)

    def _rare(self, rarities: Rarities, entry: int, number: int) -> None:
        for name in ("links", "devices", "xattrs", "captures", "unreadable"):
            values = getattr(rarities, name)
            if entry in values:
                getattr(self._rarities, name)[number] = values[entry]

    def _number(self, path: bytes) -> int:
        number = self._numbers.get(path)
        if number is None:
            number = self._numbers[path] = len(self._paths)
            self._paths.append(path)
        return number
