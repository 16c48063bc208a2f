"""Two more readers: one that applies markers where they stand, and one as overlay2 unpacks.

Both take the layers that stay as the independent applier reads them, and the new layer their way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from independent.applier import Cause, LayerCount, Node, Stack, _nodes, _stop
from independent.names import clean, marker
from independent.records import read_records
from independent.tree import Blocked, Directory, block, follow, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from independent.tree import Inode, Parts


def in_order(below: Sequence[bytes], new: bytes) -> dict[bytes, Node]:
    """Record after record: a marker removes what is there when it comes (older Docker)."""
    stack = _stack(below)
    stack.layers.append(LayerCount())
    stack._bound = set()
    for record in read_records(new):
        parts = clean(record.name)
        kind = marker(parts)
        if kind is None:
            stack._apply_record(parts, record)
            continue
        try:
            place = walk(stack.root, parts[:-1], block, follow)
        except Blocked:
            continue
        names = [parts[-1].removeprefix(b".wh.")]
        if kind == "opaque":
            names = [
                name
                for name in sorted(place.directory.children)
                if not _is_new(stack, (*place.parts, name))
            ]
        for name in names:
            stack._remove(place, name, Cause((*place.parts, name), None))
    return _nodes(stack.root)


def layer_by_itself(below: Sequence[bytes], new: bytes) -> dict[bytes, Node]:
    """The new layer unpacked into an empty directory, and mounted over the rest (overlayfs)."""
    records = read_records(new)
    markers = {clean(record.name) for record in records if marker(clean(record.name))}
    upper = Stack()
    upper.apply(new)
    assert not upper.links_without_target
    for parts in markers:  # a directory that only a marker is in is made for it
        walk(upper.root, parts[:-1], lambda place, name: _made(place.directory, name), _stop)
    lower = _stack(below).root
    mounted = _mounted(lower, upper.root, (), markers)
    if not any(clean(record.name) == () for record in records):
        mounted.record = lower.record  # the root is there before any layer
    return _nodes(mounted)


def _is_new(stack: Stack, parts: Parts) -> bool:
    """An opaque marker spares what its own layer brought so far (moby, pkg/archive/diff.go)."""
    return any(bound[: len(parts)] == parts for bound in stack._bound)


def _stack(below: Sequence[bytes]) -> Stack:
    stack = Stack()
    for tar in below:
        stack.apply(tar)
    return stack


def _made(directory: Directory, name: bytes) -> Directory:
    made = directory.children[name] = Directory()
    return made


def _mounted(
    lower: Directory | Inode | None, upper: Directory, parts: Parts, markers: set[Parts]
) -> Directory:
    below: dict[bytes, Directory | Inode] = {}
    is_opaque = parts and (*parts, b".wh..wh..opq") in markers  # at the root it is not seen
    if isinstance(lower, Directory) and not is_opaque:
        below = {
            name: node
            for name, node in lower.children.items()
            if (*parts, b".wh." + name) not in markers
        }
    merged = Directory(upper.record, dict(below))
    for name, node in upper.children.items():
        if isinstance(node, Directory):
            merged.children[name] = _mounted(below.get(name), node, (*parts, name), markers)
        else:
            merged.children[name] = node
    return merged
