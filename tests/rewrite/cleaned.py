"""Layers in memory without some names: as `clean` plans them, proven, and read by the applier."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lightship.filetree.merging import merge
from lightship.layers.reading import Reading, read_layer
from lightship.rewrite.changes import Changes, Edited
from lightship.rewrite.deduping import find_joins
from lightship.rewrite.evidence import Part
from lightship.rewrite.going import going
from lightship.rewrite.proving import prove
from lightship.rewrite.records import KeptLayer, NewLayer
from lightship.rewrite.removing import removed
from rewrite.in_memory import Stack, tree_of, written

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from independent.applier import Node
    from lightship.rewrite.removing import Removal


@dataclass(frozen=True)
class Cleaned:
    """What came of it.

    Attributes:
        tars: of the new layers.
        names: that went.
        in_base: that were to go and stayed, as a kept layer has them.
        removal: the plan.
        positions: for each new layer the old one.
    """

    tars: list[bytes]
    names: frozenset[bytes]
    in_base: frozenset[bytes]
    removal: Removal
    positions: list[int]

    @property
    def kept(self) -> list[int]:
        """Old positions of layers that stay."""
        return [one.position for one in self.removal.layers if isinstance(one, KeptLayer)]


def clean(
    tars: Sequence[bytes],
    paths: Collection[bytes],
    keep: int = 0,
    *,
    contents: Mapping[bytes, bytes] | None = None,
    dedupe: bool = False,
) -> Cleaned:
    """Take names out of layers, and prove it as lightship does."""
    stack = Stack(list(tars))
    tree = merge(stack.indexes)
    below = merge(stack.indexes[:keep]) if keep else None
    found = going(tree, below, paths, lambda _path, _child: None)
    contents = contents or {}
    linked = find_joins(tree, keep, (), stack.sources()).linked if dedupe else {}
    changes = Changes(
        removed=frozenset(found.names),
        edited={
            path: Edited(hashlib.sha256(data).digest(), len(data))
            for path, data in contents.items()
        },
        linked=linked,
    )
    removal = removed(tree, below, changes, contents)
    new: list[bytes] = []
    positions: list[int] = []
    parts: list[Part] = []
    for layer in removal.layers:
        if isinstance(layer, NewLayer):
            tar, hashes = written(layer, stack.sources())
            read_back = bytearray()
            scan = read_layer(io.BytesIO(tar), Reading(contents=read_back), pipelined=False)
            assert read_back == hashes
            parts.append(Part(scan, layer.positions, layer, bytes(read_back)))
            positions += layer.positions
        else:
            tar = stack.tars[layer.position - 1]
            parts.append(Part(stack.scans[layer.position - 1], (layer.position,)))
            positions.append(layer.position)
        new.append(tar)
    prove(tree, parts, removal.changes)
    return Cleaned(new, removal.changes.removed, frozenset(found.in_base), removal, positions)


def without(tree: Mapping[bytes, Node], names: Collection[bytes]) -> dict[bytes, Node]:
    """A tree without some names; those that share an inode are told by the first that is left."""
    leaders: dict[bytes, bytes] = {}
    return {
        path: replace(node, leader=leaders.setdefault(node.leader, path))
        for path, node in sorted(tree.items())
        if path not in names
    }


def checked(tars: Sequence[bytes], paths: Collection[bytes], keep: int = 0) -> Cleaned:
    """Clean, and see by the independent applier that these names went, and nothing else."""
    old = tree_of(tars)
    done = clean(tars, paths, keep)
    assert tree_of(done.tars) == without(old, done.names)
    assert set(range(1, keep + 1)) <= set(done.kept)
    return done
