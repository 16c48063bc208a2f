"""Which names go when some paths are to go: those that no layer of the base binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from lightship.filetree.tree import Directory
from lightship.layers.writing import DIRECTORY, TarRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from lightship.filetree.tree import Child, FileTree


class Going(Struct):
    """What becomes of the names that are to go.

    Attributes:
        names: exact paths that go, and by which of the paths asked for.
        in_base: names, directories not counted, that a layer of the base binds: they stay.
        protected: names that must stay, and why.
    """

    names: dict[bytes, bytes] = field(default_factory=dict)
    in_base: set[bytes] = field(default_factory=set)
    protected: dict[bytes, str] = field(default_factory=dict)


def going(
    tree: FileTree,
    below: FileTree | None,
    paths: Iterable[bytes],
    must_stay: Callable[[bytes, Child], str | None],
) -> Going:
    """The names that go with some paths, each with everything below it.

    A directory stays where anything in it stays, and where the base has it: all of it cannot go
    then, and what a whiteout of it would save is nothing.

    Args:
        tree: of all layers.
        below: of the layers that are not touched; None if all may be.
        paths: exact names; what is not there is passed over. A path below another is part of it.
        must_stay: why a name may not go; None if it may.
    """
    return _Going(tree, below, must_stay).run(paths)


class _Going:
    def __init__(
        self,
        tree: FileTree,
        below: FileTree | None,
        must_stay: Callable[[bytes, Child], str | None],
    ) -> None:
        kept = len(below.indexes) if below is not None else 0
        self._tree, self._below, self._must_stay = tree, below, must_stay
        self._floor = tree.bases[kept] if kept < len(tree.bases) else len(tree.kinds)
        self._found = Going()

    def run(self, paths: Iterable[bytes]) -> Going:
        above: bytes | None = None
        for path in sorted(set(paths), key=lambda path: path.split(b"/")):
            if above is not None and path.startswith(above + b"/"):
                continue
            child = at(self._tree, path) if path else None
            if child is None:
                continue
            above = path
            self._take(path, child)
        return self._found

    def _take(self, path: bytes, child: Child) -> None:
        if not isinstance(child, Directory):
            self._may_go(path, path, child)
            return
        lower = at(self._below, path) if self._below is not None else None
        stack = [(path, child, lower, self._inside(path, child, lower))]
        stays = [False]
        while stack:
            name, directory, under, inside = stack[-1]
            for below, one, beneath in inside:
                if isinstance(one, Directory):
                    stack.append((below, one, beneath, self._inside(below, one, beneath)))
                    stays.append(False)
                    break
                if not self._may_go(path, below, one):
                    stays[-1] = True
            else:
                stack.pop()
                stayed = stays.pop() or isinstance(under, Directory)
                stayed = stayed or not self._may_go(path, name, directory)
                if stays:
                    stays[-1] = stays[-1] or stayed

    @staticmethod
    def _inside(
        path: bytes, directory: Directory, under: Child | None
    ) -> Iterator[tuple[bytes, Child, Child | None]]:
        lower = under.children if isinstance(under, Directory) else {}
        for name, child in directory.children.items():
            yield path + b"/" + name, child, lower.get(name)

    def _may_go(self, top: bytes, path: bytes, child: Child) -> bool:
        reason = self._must_stay(path, child)
        if path.startswith(b".wh.") or b"/.wh." in path:
            reason = "a layer cannot name it but as a marker"
        if reason is not None:
            self._found.protected[path] = reason
            return False
        record = child.record if isinstance(child, Directory) else child
        if 0 <= record < self._floor:
            if not isinstance(child, Directory):
                self._found.in_base.add(path)
            return False
        self._found.names[path] = top
        return True


def bare_directories(tree: FileTree, removed: Collection[bytes]) -> dict[bytes, TarRecord]:
    """Records for directories that stay, have none, and lose all that is in them.

    They would not be made without: nothing in a layer names them any more.
    """
    found = {}
    for path in {path.rpartition(b"/")[0] for path in removed}:
        node = at(tree, path)
        if path and path not in removed and isinstance(node, Directory) and node.record < 0:
            prefix = path + b"/"
            if all(prefix + name in removed for name in node.children):
                found[path] = TarRecord(path, DIRECTORY, mode=0o755)
    return found


def at(tree: FileTree, path: bytes) -> Child | None:
    """What is at a path, no link followed; the root at the empty one."""
    child: Child | None = tree.root
    for part in path.split(b"/") if path else ():
        if not isinstance(child, Directory):
            return None
        child = child.children.get(part)
    return child
