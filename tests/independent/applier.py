"""Applies layers in the plainest way and counts their bytes by the definitions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from independent.names import CorruptError, clean, marker
from independent.records import Record, read_records
from independent.tree import (
    Blocked,
    Directory,
    Inode,
    Parts,
    Place,
    below,
    block,
    follow,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Death:
    """An inode without a name: where its last one was, and what took it."""

    path: Parts
    inode: Inode
    killed_by: int
    kind: str


@dataclass(frozen=True)
class Cause:
    """What takes a name: a marker if `record` is None, else that record, at `path`."""

    path: Parts
    record: Record | None


@dataclass
class LayerCount:
    """What one layer's records hold."""

    unpacked_bytes: int = 0
    files: int = 0


@dataclass
class Stack:
    """The state after the layers applied so far."""

    root: Directory = field(default_factory=Directory)
    layers: list[LayerCount] = field(default_factory=list)
    deaths: list[Death] = field(default_factory=list)
    links_without_target: int = 0
    _bound: set[Parts] = field(default_factory=set)
    """Paths at which the present layer's records made a name."""

    @property
    def _position(self) -> int:
        return len(self.layers)

    def apply(self, tar: bytes) -> None:
        """Put one layer on top."""
        records = [(clean(record.name), record) for record in read_records(tar)]
        self.layers.append(LayerCount())
        self._bound = set()
        earlier = len(self.deaths)
        self._apply_markers(records)
        for parts, record in records:
            if marker(parts) is None:
                self._count(record)
                self._apply_record(parts, record)
        self.deaths[earlier:] = [self._settled(death) for death in self.deaths[earlier:]]

    def _settled(self, death: Death) -> Death:
        if death.kind != "whited out":
            return death
        kind = "overwritten" if death.path in self._bound else "deleted"
        return Death(death.path, death.inode, death.killed_by, kind)

    def _count(self, record: Record) -> None:
        self.layers[-1].unpacked_bytes += len(record.content)
        self.layers[-1].files += record.kind in {"regular", "hard_link"}

    # --- markers: all of them, on the tree below, before anything else of the layer

    def _apply_markers(self, records: Sequence[tuple[Parts, Record]]) -> None:
        directories = {parts for parts, record in records if record.kind == "directory"}
        doomed: list[tuple[Place, bytes]] = []
        for parts, _ in records:
            try:
                match marker(parts):
                    case "whiteout":
                        place = self._below_whiteout(parts[:-1], directories)
                        doomed.append((place, parts[-1].removeprefix(b".wh.")))
                    case "opaque":
                        place = walk(self.root, parts[:-1], block, _stop)
                        doomed += [(place, name) for name in sorted(place.directory.children)]
            except Blocked:
                continue
        for place, name in doomed:
            self._remove(place, name, Cause((*place.parts, name), None))

    def _below_whiteout(self, parts: Parts, directories: set[Parts]) -> Place:
        def at_symlink(link: Parts) -> None:
            if link in directories:
                raise Blocked

        return walk(self.root, parts, block, at_symlink)

    # --- records, in tar order

    def _apply_record(self, parts: Parts, record: Record) -> None:
        if not parts:
            if record.kind != "directory":
                raise CorruptError("the root is no directory")
            self.root.record = record
        elif record.kind == "hard_link":
            self._apply_link(parts, record)
        elif record.kind == "directory":
            place = self._enter(parts, record)
            node = place.directory.children.get(parts[-1])
            if isinstance(node, Directory):
                node.record = record
            else:
                self._bind(place, parts[-1], Directory(record), record)
            self._bound.add((*place.parts, parts[-1]))
        else:
            inode = Inode(record, self._position)
            self._bind(self._enter(parts, record), parts[-1], inode, record)

    def _apply_link(self, parts: Parts, record: Record) -> None:
        inode = self._target(clean(record.target))
        if inode is None:
            self.links_without_target += 1
            return
        inode.names += 1  # so that making the parents cannot take its last name
        place = self._enter(parts, record)
        if place.directory.children.get(parts[-1]) is not inode:
            self._bind(place, parts[-1], inode, record)
        inode.names -= 1

    def _target(self, parts: Parts) -> Inode | None:
        """The inode a link names now; a directory cannot be linked."""
        if not parts:
            return None
        try:
            place = walk(self.root, parts[:-1], block, follow)
        except Blocked:
            return None
        node = place.directory.children.get(parts[-1])
        return node if isinstance(node, Inode) else None

    def _enter(self, parts: Parts, record: Record) -> Place:
        """The directory a record goes into, made if it is not there."""

        def make(place: Place, name: bytes) -> Directory:
            self._remove(place, name, Cause(parts, record))
            made = place.directory.children[name] = Directory()
            return made

        return walk(self.root, parts[:-1], make, follow)

    # --- names come and go

    def _bind(self, place: Place, name: bytes, node: Inode | Directory, record: Record) -> None:
        path = (*place.parts, name)
        self._remove(place, name, Cause(path, record))
        place.directory.children[name] = node
        self._bound.add(path)
        if isinstance(node, Inode):
            node.names += 1

    def _remove(self, place: Place, name: bytes, cause: Cause) -> None:
        node = place.directory.children.pop(name, None)
        if node is None:
            return
        path = (*place.parts, name)
        if isinstance(node, Inode):
            self._unname(path, node, cause)
            return
        for child in sorted(node.children):
            self._remove(Place(path, node), child, cause)

    def _unname(self, path: Parts, inode: Inode, cause: Cause) -> None:
        inode.names -= 1
        if not inode.names and inode.record.kind == "regular":
            kind = self._kind_of_death(path, inode, cause)
            self.deaths.append(Death(path, inode, self._position, kind))

    def _kind_of_death(self, path: Parts, inode: Inode, cause: Cause) -> str:
        if inode.born == self._position:
            return "in_layer_duplicate"
        if cause.record is None:
            return "whited out"  # deleted or overwritten: known when the layer is done
        if cause.path != path:
            return "deleted"
        same = cause.record.kind == "regular" and cause.record.content == inode.record.content
        return "metadata_copy" if same else "overwritten"


def _stop(_link: Parts) -> None:
    raise Blocked


@dataclass(frozen=True)
class Node:
    """One name of the final tree."""

    kind: str
    content: bytes
    mode: int
    uid: int
    gid: int
    mtime_ns: int
    link_target: bytes
    device: tuple[int, int]
    xattrs: tuple[tuple[bytes, bytes], ...]
    leader: bytes
    """The first of the names that are one inode."""


@dataclass(frozen=True)
class Outcome:
    """Everything the definitions say about a stack of layers; layers count from 1."""

    tree: dict[bytes, Node]
    unpacked_bytes: int
    visible_bytes: int
    duplicate_bytes: int
    files: int
    dead: dict[str, int]
    killed: dict[tuple[int, int, str], int]
    """Bytes by layer born, layer that killed, and kind; only where there are any."""
    layer_unpacked_bytes: list[int]
    layer_dead_bytes: list[int]
    layer_files: list[int]
    links_without_target: int

    @property
    def dead_bytes(self) -> int:
        return self.unpacked_bytes - self.visible_bytes


def apply_layers(layers: Sequence[bytes]) -> Outcome:
    """Apply uncompressed layer tars, oldest first.

    Raises:
        CorruptError: no reader may give an answer.
    """
    stack = Stack()
    for tar in layers:
        stack.apply(tar)
    return _outcome(stack)


def _outcome(stack: Stack) -> Outcome:
    tree = _nodes(stack.root)
    inodes = [node for _, node in below((), stack.root) if isinstance(node, Inode)]
    visible = {id(node): node.record.content for node in inodes if node.record.kind == "regular"}
    copies = Counter(visible.values())
    killed: Counter[tuple[int, int, str]] = Counter()
    dead: Counter[str] = Counter()
    born_dead: Counter[int] = Counter()
    for death in stack.deaths:
        size = len(death.inode.record.content)
        if size:
            killed[death.inode.born, death.killed_by, death.kind] += size
            dead[death.kind] += size
            born_dead[death.inode.born] += size
    outcome = Outcome(
        tree=tree,
        unpacked_bytes=sum(layer.unpacked_bytes for layer in stack.layers),
        visible_bytes=sum(map(len, visible.values())),
        duplicate_bytes=sum((n - 1) * len(content) for content, n in copies.items()),
        files=sum(node.kind == "regular" for node in tree.values()),
        dead={
            kind: dead[kind]
            for kind in ("deleted", "overwritten", "metadata_copy", "in_layer_duplicate")
        },
        killed=dict(killed),
        layer_unpacked_bytes=[layer.unpacked_bytes for layer in stack.layers],
        layer_dead_bytes=[born_dead[n + 1] for n in range(len(stack.layers))],
        layer_files=[layer.files for layer in stack.layers],
        links_without_target=stack.links_without_target,
    )
    assert outcome.dead_bytes == sum(dead.values())
    return outcome


def _nodes(root: Directory) -> dict[bytes, Node]:
    leaders: dict[int, bytes] = {}
    nodes: dict[bytes, Node] = {}
    names = [((), root), *below((), root)]
    for path, node in sorted((b"/".join(parts), node) for parts, node in names):
        record = node.record
        nodes[path] = Node(
            record.kind,
            record.content,
            record.mode,
            record.uid,
            record.gid,
            record.mtime_ns,
            record.target,
            record.device,
            tuple(sorted(record.xattrs.items())),
            leaders.setdefault(id(node), path),
        )
    return nodes
