"""The trees dive judges by: one of each layer's names, and one that layers are laid upon.

They are not file trees. A record only ever changes what stands at its own path: a file laid over a
directory keeps what is below it, a directory that a layer names without a record is an empty
payload, and an opaque whiteout is not there at all. Source: dive 0.13.1, dive/filetree/file_tree.go
and dive/image/docker/image_archive.go; every rule is held against the program itself by
tests/e2e/test_dive_verdict.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.layers.names import WHITEOUT
from lightship.model.entry import MARKERS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.layers.index import LayerIndex

_OPAQUE = b".wh..wh..opq"
_UNSEEN = b".wh..wh.."


class PathNode:
    """What one path holds: the payload of its last record, and the names below it.

    Attributes:
        content_bytes: size of the record; 0 of a directory, a link, or a path without a record.
        is_directory: whether the record is a directory's.
    """

    __slots__ = ("children", "content_bytes", "is_directory")

    def __init__(self, content_bytes: int = 0, is_directory: bool = False) -> None:
        self.children: dict[bytes, PathNode] | None = None
        self.content_bytes = content_bytes
        self.is_directory = is_directory

    def below(self, name: bytes) -> PathNode | None:
        """The node of a name in this one, if there is one."""
        return self.children.get(name) if self.children else None

    def grown(self, name: bytes) -> PathNode:
        """The node of a name in this one, made if need be."""
        if self.children is None:
            self.children = {}
        node = self.children.get(name)
        if node is None:
            node = self.children[name] = PathNode()
        return node

    def take(self, other: PathNode) -> None:
        """Have another node's payload; the names below stay."""
        self.content_bytes = other.content_bytes
        self.is_directory = other.is_directory


def layer_bytes(index: LayerIndex) -> int:
    """Sum up a layer as dive does: all records, repeated ones and markers with content too."""
    kinds = index.columns.kinds
    of_markers = sum(
        stored for entry, stored in index.rarities.stored_bytes.items() if kinds[entry] in MARKERS
    )
    return index.unpacked_bytes + of_markers


def has_whiteouts(index: LayerIndex) -> bool:
    """Whether dive may take a name of the layer for a whiteout."""
    kinds = index.columns.kinds
    return (
        kinds.find(Kind.WHITEOUT) >= 0
        or kinds.find(Kind.IGNORED) >= 0
        or any(WHITEOUT in path for path in index.directories)
    )


def layer_tree(index: LayerIndex) -> PathNode:
    """A layer's names. Whiteouts are names like any other, but for those dive does not see."""
    root = PathNode()
    places = [_place(root, path) for path in index.directories]
    columns, stored = index.columns, index.rarities.stored_bytes
    whiteout, directory = Kind.WHITEOUT, Kind.DIRECTORY
    entries = zip(
        columns.directories, columns.names, columns.kinds, columns.content_bytes, strict=True
    )
    for entry, (number, basename, kind, content_bytes) in enumerate(entries):
        place, name = places[number], basename
        if kind >= whiteout:
            name = _written(kind, basename)
            content_bytes = stored.get(entry, 0)  # noqa: PLW2901 # a marker's column is always 0
            if name.startswith(_UNSEEN):
                continue
        if place is None or not name:
            continue
        children = place.children
        if children is None:
            children = place.children = {}
        node = children.get(name)
        if node is None:
            children[name] = PathNode(content_bytes, kind == directory)
        else:
            node.content_bytes, node.is_directory = content_bytes, kind == directory
    return root


def _written(kind: int, name: bytes) -> bytes:
    """A marker's name as the tar has it."""
    if kind == Kind.WHITEOUT:
        return WHITEOUT + name
    return _OPAQUE if kind == Kind.OPAQUE else name


def _place(root: PathNode, path: bytes) -> PathNode | None:
    """The node of a directory, made with those above it; None behind a name dive does not see."""
    node = root
    for name in path.split(b"/") if path else ():
        if name.startswith(_UNSEEN):
            return None
        node = node.grown(name)
    return node


def lay(upper: PathNode, lower: PathNode, *, whiteouts: bool) -> None:
    """Lay a layer's tree upon another, which takes it over: `upper` is used up.

    Args:
        upper: the layer.
        lower: what it is laid upon; changed.
        whiteouts: whether the layer may have whiteouts. If not, order does not matter, and what is
            new is taken as it is.
    """
    if whiteouts:
        _Laying(upper, lower).run()
        return
    pending = [(upper, lower)]
    while pending:
        above, here = pending.pop()
        if here.children is None:
            here.children = {}
        for name, node in (above.children or {}).items():
            known = here.children.get(name)
            if known is None:
                here.children[name] = node
            else:
                known.take(node)
                if node.children:
                    pending.append((node, known))


class _Open:
    """A directory of the layer whose names are being laid, and its node below if it has one."""

    __slots__ = ("lower", "name", "node", "pending")

    def __init__(self, name: bytes, node: PathNode, lower: PathNode | None) -> None:
        self.name = name
        self.node = node
        self.lower = lower
        self.pending = in_order(node)


class _Laying:
    """Name by name in dive's order: what is below a name first, siblings by their bytes.

    The order shows: `.wh.a` stands before `a` and makes way for it; `-a` stands before `.wh.-a`
    and is removed by it.
    """

    def __init__(self, upper: PathNode, lower: PathNode) -> None:
        self._open = [_Open(b"", upper, lower)]

    def run(self) -> None:
        """Lay them all."""
        while self._open:
            here = self._open[-1]
            for name, node in here.pending:
                if node.children:
                    below = here.lower.below(name) if here.lower else None
                    self._open.append(_Open(name, node, below))
                    break
                self._lay(name, node)
            else:
                self._open.pop()
                if self._open:
                    self._lay(here.name, here.node)

    def _lay(self, name: bytes, node: PathNode) -> None:
        if name.startswith(WHITEOUT):
            self._remove(name[len(WHITEOUT) :])
        else:
            self._lower().grown(name).take(node)

    def _lower(self) -> PathNode:
        """The node of the innermost open directory, made with those above it if need be."""
        found = len(self._open) - 1
        while (lower := self._open[found].lower) is None:
            found -= 1
        for here in self._open[found + 1 :]:
            lower = here.lower = lower.grown(here.name)
        return lower

    def _remove(self, name: bytes) -> None:
        here = self._open[-1]
        if here.lower is None:
            return
        if name:
            if here.lower.children:
                here.lower.children.pop(name, None)
        elif len(self._open) > 1:  # `.wh.` alone: dive's path is the directory's own
            above = self._open[-2].lower
            if above is not None and above.children:
                above.children.pop(here.name, None)
            here.lower = None


def in_order(node: PathNode) -> Iterator[tuple[bytes, PathNode]]:
    """The names in a node and their nodes, by the names' bytes."""
    return iter(sorted(node.children.items())) if node.children else iter(())


def bytes_below(node: PathNode, known: dict[int, int]) -> int:
    """Sum of the payloads of a node and of all below it.

    Args:
        node: where to sum.
        known: sums by `id()` of nodes that are not changed in the meantime; added to.
    """
    order = [node]
    for one in order:
        if id(one) not in known and one.children:
            order.extend(one.children.values())
    for one in reversed(order):
        if id(one) not in known:
            children = one.children.values() if one.children else ()
            known[id(one)] = one.content_bytes + sum(known[id(child)] for child in children)
    return known[id(node)]
