"""Results of rewrites: what a plan would give, and what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.wire import total_wire
from lightship.analysis.wire_files import wire_use
from lightship.layers.scan import Codec, WireSize
from lightship.model.results.rewrite import NewLayerRow, ProofResult, RewriteResult, Sizes
from lightship.rewrite.predicting import predicted
from lightship.rewrite.proving import visible_bytes
from lightship.rewrite.records import KeptLayer, NewLayer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lightship.api.measuring import Measured
    from lightship.layers.scan import LayerScan
    from lightship.model.digest import Digest
    from lightship.model.results.rewrite import Choice, Cleaning, Fate, Outcome, Removed, Rewrite
    from lightship.rewrite.documents import LayerRow
    from lightship.rewrite.plan import Plan, PlannedLayer
    from lightship.rewrite.rewriting import Rewritten
    from lightship.transports.storing import Committed


def _worth_it(_done: Rewritten) -> str | None:
    return None


class Planned(Struct, frozen=True, kw_only=True):
    """What a command decided for one image.

    Attributes:
        plan: what would be done.
        nothing: why nothing would be won, in one sentence; None where something would.
        pointless: why what was made is not worth keeping, in one sentence; None where it is.
        said: what the plan wins and costs, in one line, told before it is carried out.
        visible_bytes: unpacked, of the tree that the plan makes; None where it stays the same.
        removed: each name that would go, with its reason.
        cleaning: what of it a person should know.
        cleaning: what goes and why, and what stays; None where nothing is cleaned.
        choices: what other plans would give; made only if it is called.
    """

    plan: Plan
    nothing: str | None = None
    pointless: Callable[[Rewritten], str | None] = _worth_it
    said: str | None = None
    visible_bytes: int | None = None
    removed: tuple[Removed, ...] = ()
    cleaning: Cleaning | None = None
    choices: Callable[[], tuple[Choice, ...]] = tuple


def planned_result(
    command: Rewrite, measured: Measured, planned: Planned, outcome: Outcome
) -> RewriteResult:
    """What would be written, by estimates; or why nothing is."""
    before = _before(measured)
    rows = () if outcome == "nothing" else _planned_rows(measured, planned.plan)
    return RewriteResult(
        rewrite=command,
        source=str(measured.image.reference),
        destination=None,
        platform=str(measured.image.platform),
        outcome=outcome,
        why=planned.nothing,
        before=before,
        after=before if planned.nothing else _predicted_sizes(measured, planned, rows, before),
        base_layers=planned.plan.base_layers,
        kept_layers=_kept(rows),
        sharing_lost_bytes=_lost(rows, planned.plan.base_layers, measured.scans),
        choices=planned.choices() if outcome == "planned" else (),
        layers=rows,
        removed=planned.removed,
        cleaning=planned.cleaning,
        source_digest=digest_text(measured.image.digest),
        notes=planned.plan.notes,
    )


def done_result(
    command: Rewrite,
    measured: Measured,
    planned: Planned,
    done: Rewritten,
    committed: Committed,
) -> RewriteResult:
    """What was written."""
    rows = _done_rows(measured, planned.plan, done)
    proof = done.proof
    return RewriteResult(
        rewrite=command,
        source=str(measured.image.reference),
        destination=committed.reference,
        platform=str(measured.image.platform),
        outcome="written",
        why=None,
        before=_before(measured),
        after=_done_sizes(done),
        base_layers=planned.plan.base_layers,
        kept_layers=_kept(rows),
        sharing_lost_bytes=_lost(rows, planned.plan.base_layers, measured.scans),
        layers=rows,
        removed=planned.removed,
        cleaning=planned.cleaning,
        source_digest=digest_text(measured.image.digest),
        digest=digest_text(committed.digest),
        image_id=str(done.image_id),
        proof=ProofResult(
            names=proof.names,
            files=proof.files,
            content_bytes=proof.content_bytes,
            config_fields=proof.config_fields,
            removed=proof.removed,
            edited=proof.edited,
            linked=proof.linked,
            clamped=proof.clamped,
            unmarked=proof.unmarked,
        ),
        notes=(*planned.plan.notes, *done.notes, *committed.notes),
    )


def digest_text(digest: Digest | None) -> str | None:
    """A digest for a result."""
    return str(digest) if digest is not None else None


# Sizes of images.


def _before(measured: Measured) -> Sizes:
    config = measured.image.config_bytes
    wire = total_wire(config, [scan.wire for scan in _distinct(measured.scans)])
    unpacked = sum(scan.index.unpacked_bytes for scan in measured.scans)
    visible = visible_bytes(measured.tree)
    return _sizes(len(measured.scans), wire, unpacked, visible)


def _predicted_sizes(
    measured: Measured, planned: Planned, rows: Sequence[NewLayerRow], before: Sizes
) -> Sizes:
    config = len(measured.image.config_bytes or b"")
    wire = WireSize(config + sum(row.wire_bytes or 0 for row in rows), estimated=True)
    unpacked = sum(row.unpacked_bytes or 0 for row in rows)
    visible = planned.visible_bytes
    stays = before.visible_bytes or 0
    return _sizes(len(rows), wire, unpacked, stays if visible is None else visible)


def _done_sizes(done: Rewritten) -> Sizes:
    blobs = {
        str(row.blob.digest): _wire(row, scan)
        for row, scan in zip(done.layers, done.scans, strict=True)
    }
    wire = total_wire(done.config, list(blobs.values()))
    unpacked = sum(scan.index.unpacked_bytes for scan in done.scans)
    return _sizes(len(done.layers), wire, unpacked, done.proof.visible_bytes)


def _sizes(layers: int, wire: WireSize, unpacked: int, visible: int) -> Sizes:
    return Sizes(
        layers=layers,
        wire_bytes=wire.wire_bytes,
        wire_bytes_estimated=wire.estimated,
        unpacked_bytes=unpacked,
        visible_bytes=visible,
        dead_bytes=unpacked - visible,
    )


def _distinct(scans: Sequence[LayerScan]) -> list[LayerScan]:
    return list({str(scan.digest): scan for scan in scans}.values())


def _wire(row: LayerRow, scan: LayerScan) -> WireSize:
    """What a registry would store: a plain blob is stored compressed there."""
    if row.codec is not Codec.PLAIN:
        return WireSize(row.blob.stored_bytes)
    return scan.wire if scan.codec is Codec.PLAIN else WireSize(scan.wire.wire_bytes, 0, True)


# Rows of layers.


def _planned_rows(measured: Measured, plan: Plan) -> tuple[NewLayerRow, ...]:
    use = wire_use(measured.tree, measured.scans)
    layers = predicted(plan, measured.scans, measured.tree, use)
    rows = []
    for number, (layer, to_be) in enumerate(zip(plan.layers, layers, strict=True), 1):
        old = [measured.scans[position - 1] for position in positions_of(layer)]
        kept = old[0] if isinstance(layer, KeptLayer) else None
        stays = kept is not None and not plan.recompresses
        rows.append(
            NewLayerRow(
                position=number,
                fate=_fate(layer, same=stays),
                from_positions=positions_of(layer),
                diff_id=str(kept.diff_id) if kept else None,
                digest=str(kept.digest) if kept and stays else None,
                codec=kept.codec.value if kept and stays else None,
                wire_bytes=to_be.wire_bytes,
                wire_bytes_estimated=not stays or (kept is not None and kept.wire.estimated),
                old_wire_bytes=sum(scan.wire.wire_bytes for scan in _distinct(old)),
                unpacked_bytes=to_be.unpacked_bytes,
                old_unpacked_bytes=sum(scan.index.unpacked_bytes for scan in old),
            )
        )
    return tuple(rows)


def _done_rows(measured: Measured, plan: Plan, done: Rewritten) -> tuple[NewLayerRow, ...]:
    rows = []
    made = zip(plan.layers, done.layers, done.scans, strict=True)
    for number, (layer, row, scan) in enumerate(made, 1):
        old = [measured.scans[position - 1] for position in positions_of(layer)]
        wire = _wire(row, scan)
        rows.append(
            NewLayerRow(
                position=number,
                fate=_fate(layer, same=row.blob.digest == old[0].digest),
                from_positions=positions_of(layer),
                diff_id=str(row.diff_id),
                digest=str(row.blob.digest),
                codec=row.codec.value,
                wire_bytes=wire.wire_bytes,
                wire_bytes_estimated=wire.estimated,
                old_wire_bytes=sum(one.wire.wire_bytes for one in _distinct(old)),
                unpacked_bytes=scan.index.unpacked_bytes,
                old_unpacked_bytes=sum(one.index.unpacked_bytes for one in old),
            )
        )
    return tuple(rows)


def positions_of(layer: PlannedLayer) -> tuple[int, ...]:
    """The old layers that a planned one stands for."""
    return layer.positions if isinstance(layer, NewLayer) else (layer.position,)


def _fate(layer: PlannedLayer, *, same: bool) -> Fate:
    if isinstance(layer, NewLayer):
        return "written"
    return "kept" if same else "recompressed"


# Sharing.


def _kept(rows: Sequence[NewLayerRow]) -> int:
    """How many of the first layers stay, compressed anew perhaps."""
    return next((at for at, row in enumerate(rows) if row.fate == "written"), len(rows))


def _lost(rows: Sequence[NewLayerRow], base_layers: int | None, scans: Sequence[LayerScan]) -> int:
    """Wire bytes of the base's layers that nobody shares any more.

    A layer is shared by its blob in registries, by its diff ID in engines; a plain blob is for
    engines alone.
    """
    if not rows:
        return 0
    stay = {row.from_positions[0] for row in rows if _is_shared(row, scans)}
    gone = [at for at in range(1, (base_layers or 0) + 1) if at not in stay]
    return sum(scan.wire.wire_bytes for scan in _distinct([scans[at - 1] for at in gone]))


def _is_shared(row: NewLayerRow, scans: Sequence[LayerScan]) -> bool:
    if row.fate != "recompressed":
        return row.fate == "kept"
    return Codec.PLAIN in (scans[row.from_positions[0] - 1].codec, row.codec)
