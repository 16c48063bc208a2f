"""`history`: what `docker history` shows, and beyond, without an engine."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Unpack

from lightship.analysis.dead import dead_records
from lightship.api.measuring import Measured, measure
from lightship.api.options import ReadKeywords, ReadOptions
from lightship.filetree.tree import Death
from lightship.model.digest import Digest
from lightship.model.entry import Kind
from lightship.model.results.history import HistoryResult, HistoryRow

if TYPE_CHECKING:
    from lightship.layers.index import LayerIndex
    from lightship.model.documents import HistoryEntry


def history(
    reference: str,
    *,
    platform: str | None = None,
    **reading: Unpack[ReadKeywords],
) -> HistoryResult:
    """Say what each step of an image's history added, newest first.

    Arguments and errors are those of `inspect`.
    """
    return history_of(measure(reference, platform, ReadOptions(**reading)))


def history_of(measured: Measured) -> HistoryResult:
    """The answer for an image that was read."""
    dead = _Dead(measured)
    layer_of = {
        entry: position
        for position, entry in enumerate(measured.instructions.entries, 1)
        if entry is not None
    }
    rows: list[HistoryRow] = []
    waiting = 1
    for number, entry in enumerate(measured.history):
        layer = layer_of.get(number)
        if layer is not None:
            # Layers that no entry speaks of stand where they lie.
            rows += [_row(measured, silent, None, dead) for silent in range(waiting, layer)]
            waiting = layer + 1
        rows.append(_row(measured, layer, entry, dead))
    last = len(measured.scans) + 1
    rows += [_row(measured, silent, None, dead) for silent in range(waiting, last)]
    config = measured.image.config_bytes
    return HistoryResult(
        reference=str(measured.image.reference),
        image_id=str(Digest.of(config)) if config is not None else None,
        rows=tuple(reversed(rows)),
    )


class _Dead:
    """Dead bytes by the layer that brought them; apart, what that layer itself overwrote."""

    def __init__(self, measured: Measured) -> None:
        self.all: Counter[int] = Counter()
        self.in_layer: Counter[int] = Counter()
        for one in dead_records(measured.tree):
            self.all[one.born] += one.content_bytes
            if one.death == Death.IN_LAYER_DUPLICATE:
                self.in_layer[one.born] += one.content_bytes


def _row(
    measured: Measured, position: int | None, entry: HistoryEntry | None, dead: _Dead
) -> HistoryRow:
    scan = measured.scans[position - 1] if position is not None else None
    return HistoryRow(
        layer=position,
        created=entry.created if entry else None,
        created_by=entry.created_by if entry else None,
        comment=entry.comment if entry else None,
        empty_layer=scan is None,
        unpacked_bytes=scan.index.unpacked_bytes if scan else 0,
        engine_bytes=_engine_bytes(scan.index) - dead.in_layer[position or 0] if scan else 0,
        wire_bytes=scan.wire.wire_bytes if scan else None,
        wire_bytes_estimated=scan.wire.estimated if scan else False,
        dead_bytes=dead.all[position or 0],
        files=scan.index.files if scan else 0,
        guessed=measured.instructions.guessed,
    )


def _engine_bytes(index: LayerIndex) -> int:
    """What Docker's overlay2 counts: content, and the length of each symbolic link's target.

    So it is shown for images that were pulled or loaded; BuildKit's own builds leave links out.
    """
    kinds = index.columns.kinds
    links = index.rarities.links.items()
    return index.unpacked_bytes + sum(
        len(target) for entry, target in links if kinds[entry] == Kind.SYMLINK
    )
