"""Layers in memory: squashed, proven, and read by three readers who must see the same."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from independent.applier import apply_layers
from independent.names import CorruptError, clean
from independent.records import read_records
from lightship.filetree.merging import merge
from lightship.layers.reading import Reading, read_layer
from lightship.progress import SILENT
from lightship.rewrite.changes import Changes
from lightship.rewrite.copying import Sources, write_tar
from lightship.rewrite.evidence import Part
from lightship.rewrite.proving import prove
from lightship.rewrite.squashing import squashed
from lightship.testing import layer_tar
from rewrite.readers import in_order, layer_by_itself

if TYPE_CHECKING:
    from collections.abc import Sequence

    from independent.applier import Node
    from independent.random_stacks import RandomStack
    from lightship.layers.index import LayerIndex
    from lightship.layers.scan import LayerScan
    from lightship.rewrite.records import NewLayer
    from lightship.testing import Layer

_ODD_CHUNK = 1_234


class _Stream(io.BytesIO):
    """Short reads: a boundary falls anywhere."""

    def __init__(self, data: bytes, chunk: int) -> None:
        super().__init__(data)
        self._chunk = chunk

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or self._chunk, self._chunk))


@dataclass(frozen=True)
class InMemory:
    """One layer; only what a rewrite asks of it."""

    position: int
    tar: bytes
    chunk: int = _ODD_CHUNK
    digest: None = None
    diff_id: None = None
    media_type: None = None
    stored_bytes: int = 0

    def identity(self) -> None:
        return None

    def open(self) -> BinaryIO:
        return _Stream(self.tar, self.chunk)


@dataclass(frozen=True)
class Stack:
    """Layers that are rewritten."""

    tars: list[bytes]
    chunk: int = _ODD_CHUNK
    scans: list[LayerScan] = field(init=False)

    def __post_init__(self) -> None:
        scans = [read_layer(io.BytesIO(tar), Reading(), pipelined=False) for tar in self.tars]
        object.__setattr__(self, "scans", scans)

    @property
    def indexes(self) -> list[LayerIndex]:
        return [scan.index for scan in self.scans]

    def sources(self) -> Sources:
        layers = [InMemory(number, tar, self.chunk) for number, tar in enumerate(self.tars, 1)]
        return Sources(layers, self.scans, SILENT)

    def planned(self, keep: int, changes: Changes) -> NewLayer:
        below = merge(self.indexes[:keep]) if keep else None
        return squashed(merge(self.indexes), below, changes)


def written(layer: NewLayer, sources: Sources) -> tuple[bytes, bytes]:
    """A layer's tar, and the hashes of its contents."""
    parts: list[bytes] = []
    hashes = write_tar(layer, sources, lambda data: parts.append(bytes(data)))
    return b"".join(parts), hashes


def squash(
    layers: Sequence[Layer | bytes],
    keep: int = 0,
    changes: Changes | None = None,
    *,
    chunk: int = _ODD_CHUNK,
) -> list[bytes]:
    """The tars of the new image, proven as lightship does."""
    changes = changes or Changes()
    stack = Stack([layer_tar(layer) for layer in layers], chunk)
    planned = stack.planned(keep, changes)
    tar, hashes = written(planned, stack.sources())
    contents = bytearray()
    scan = read_layer(io.BytesIO(tar), Reading(contents=contents), pipelined=False)
    assert contents == hashes
    parts = [Part(old, (number,)) for number, old in enumerate(stack.scans[:keep], 1)]
    new = Part(scan, planned.positions, planned, bytes(contents))
    prove(merge(stack.indexes), [*parts, new], changes)
    return [*stack.tars[:keep], tar]


def with_targets(stack: RandomStack) -> list[bytes] | None:
    """The tars of random layers, without the hard links that lead nowhere; None if corrupt."""
    layers = [list(layer) for layer in stack.layers]
    while True:
        tars = [layer_tar(layer, tar_format=stack.tar_format) for layer in layers]
        try:
            apply_layers(tars)
        except CorruptError:
            return None
        tree = merge(Stack(tars).indexes)
        if not tree.lost_links:
            return tars
        position, _, entry = tree.locate(tree.lost_links[0])
        del layers[position - 1][entry]


def tree_of(layers: Sequence[bytes]) -> dict[bytes, Node]:
    """What the independent applier sees."""
    return apply_layers(layers).tree


def kept(layers: Sequence[Layer | bytes], keep: int = 0) -> list[bytes]:
    """Squash, and see that every reader finds the old tree; the new tars."""
    old = tree_of([layer_tar(layer) for layer in layers])
    new = squash(layers, keep)
    assert len(new) == keep + 1
    assert tree_of(new) == old
    assert in_order(new[:keep], new[keep]) == old
    assert layer_by_itself(new[:keep], new[keep]) == old
    assert squash(new, keep) == new
    places = [clean(record.name) for record in read_records(new[keep])]
    assert len(places) == len(set(places))  # tar-split refuses others (T6)
    return new
