"""What a plan will give, before a byte is written: unpacked bytes exactly, wire bytes about.

A new layer's wire bytes are taken from where the contents that it takes lie in the old blobs; the
rest of those blobs, headers for the most part, counts as far as it is taken too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.layers.writing import header
from lightship.rewrite.records import KeptLayer, stored_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.analysis.ledger import WireUse
    from lightship.filetree.tree import FileTree
    from lightship.layers.index import LayerIndex
    from lightship.layers.scan import LayerScan
    from lightship.rewrite.plan import Plan
    from lightship.rewrite.records import Cut, NewLayer


class Predicted(Struct, frozen=True):
    """One layer to be.

    Attributes:
        unpacked_bytes: of its records, exact.
        wire_bytes: of its blob, estimated; exact where the old blob stays.
    """

    unpacked_bytes: int
    wire_bytes: int


def predicted(
    plan: Plan, scans: Sequence[LayerScan], tree: FileTree, use: WireUse
) -> tuple[Predicted, ...]:
    """What each layer of a plan will be.

    Args:
        plan: what would be done; layers that stay are taken to keep their blobs.
        scans: of the old layers.
        tree: of all of them.
        use: what each record weighs on the wire.
    """
    return tuple(
        _kept(scans[layer.position - 1])
        if isinstance(layer, KeptLayer)
        else _new(layer, scans, tree, use)
        for layer in plan.layers
    )


def _kept(scan: LayerScan) -> Predicted:
    return Predicted(scan.index.unpacked_bytes, scan.wire.wire_bytes)


def _new(layer: NewLayer, scans: Sequence[LayerScan], tree: FileTree, use: WireUse) -> Predicted:
    unpacked, wire = 0, 0.0
    for position, cut in layer.cuts.items():
        index, base = scans[position - 1].index, tree.bases[position - 1]
        sizes = index.columns.content_bytes
        unpacked += sum(sizes[entry] for entry in cut.contents)
        unpacked += sum(len(content) - sizes[entry] for entry, content in cut.edited.values())
        wire += sum(use.wire_of[base + entry] for entry in cut.contents)
        wire += use.overhead_of[position - 1] * _share(index, cut)
    return Predicted(unpacked, round(wire))


def _share(index: LayerIndex, cut: Cut) -> float:
    """How much of a layer's tar that is no content is taken."""
    whole = index.tar_bytes - _stored(index, range(len(index)))
    taken = sum(cut.bounds[1::2]) - sum(cut.bounds[::2]) - _stored(index, cut.contents)
    taken += sum(len(header(record)) for records in cut.before.values() for record in records)
    return min(max(taken / whole, 0.0), 1.0) if whole > 0 else 0.0


def _stored(index: LayerIndex, entries: Iterable[int]) -> int:
    """Bytes of the tar that are contents, padding included."""
    columns = index.columns
    offsets, headers = columns.offsets, columns.header_bytes
    return sum(stored_end(index, entry) - offsets[entry] - headers[entry] for entry in entries)
