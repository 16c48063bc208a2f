"""From a reference to another place: what `squash`, `clean`, `recompress` and `copy` share.

Opens, measures, plans, carries out, proves, commits, in this order; every failure before the commit
leaves the destination as it was.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lightship.api.bases import find_base, remember_layers
from lightship.api.measuring import Measured, measure
from lightship.filetree.merging import merge
from lightship.model.results.rewrite import NewLayerRow, ProofResult, RewriteResult, Sizes
from lightship.rewrite.records import NewLayer
from lightship.rewrite.rewriting import Rewritten, rewrite
from lightship.transports.destinations import open_staging, parse_destination

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lightship.api.options import ReadOptions
    from lightship.layers.index import LayerIndex
    from lightship.model.results.rewrite import Fate, Rewrite
    from lightship.rewrite.plan import Plan

Planner = "Callable[[Measured], Plan]"


def carried_out(
    command: Rewrite,
    reference: str,
    destination: str | None,
    make_plan: Callable[[Measured], Plan],
    *,
    platform: str | None,
    options: ReadOptions,
) -> RewriteResult:
    """Rewrite one image for one platform.

    Args:
        command: whose result it is.
        reference: the image.
        destination: where the new one goes; None only plans.
        make_plan: decides what to do.
        platform: which of several.
        options: how images are read.

    Raises:
        LightshipError: as `lightship.squash`.
    """
    measured = measure(reference, platform, options)
    remember_layers(measured, options)
    plan = make_plan(measured)
    if destination is None:
        return _result(command, measured, plan, "planned")
    if plan.changes_nothing and command != "copy":
        return _result(command, measured, plan, "nothing")
    place = parse_destination(destination)
    staging = open_staging(place, measured.image.names, options.access())
    try:
        total = sum(layer.stored_bytes or 0 for layer in measured.image.layers)
        options.progress.begin("rewriting layers", total)
        try:
            done = rewrite(
                measured.image,
                measured.scans,
                measured.tree,
                plan,
                staging,
                limits=options.limits,
                progress=options.progress,
            )
        finally:
            options.progress.end()
    except BaseException:
        staging.discard()
        raise
    committed = staging.commit([done.image])
    result = _result(command, measured, plan, "written", done)
    return _replaced(result, committed.reference, committed.digest, committed.notes)


def base_layers(measured: Measured, base: str | None, options: ReadOptions) -> int:
    """How many of the first layers are the base image's; 0 where nothing tells."""
    diff_ids = [str(scan.diff_id) for scan in measured.scans]
    found = find_base(measured.image, diff_ids, measured.instructions, base, options)
    return found.layers if found is not None else 0


def _replaced(
    result: RewriteResult, destination: str, digest: str | None, notes: Sequence[str]
) -> RewriteResult:
    from msgspec.structs import replace  # noqa: PLC0415 - light start

    return replace(result, destination=destination, digest=digest, notes=(*result.notes, *notes))


def _result(
    command: Rewrite,
    measured: Measured,
    plan: Plan,
    outcome: str,
    done: Rewritten | None = None,
) -> RewriteResult:
    before = _sizes(
        [scan.index for scan in measured.scans],
        sum({str(scan.digest): scan.wire.wire_bytes for scan in measured.scans}.values()),
        estimated=any(scan.wire.estimated for scan in measured.scans),
    )
    after = before
    if done is not None:
        blobs = {str(row.blob.digest): row.blob.stored_bytes for row in done.layers}
        after = _sizes(
            [scan.index for scan in done.scans],
            sum(blobs.values()) + len(done.config),
            estimated=False,
        )
    return RewriteResult(
        rewrite=command,
        source=str(measured.image.reference),
        destination=None,
        platform=str(measured.image.platform),
        outcome=outcome,  # type: ignore[arg-type]  # one of the three
        why="nothing would be won" if outcome == "nothing" else None,
        before=before,
        after=after,
        layers=_rows(measured, plan, done),
        source_digest=measured.image.digest,
        image_id=done.image_id if done is not None else None,
        proof=ProofResult(
            names=done.proof.names,
            files=done.proof.files,
            content_bytes=done.proof.content_bytes,
            removed=done.proof.removed,
            changed=done.proof.clamped,
        )
        if done is not None
        else None,
        notes=plan.notes,
    )


def _sizes(indexes: Sequence[LayerIndex], wire_bytes: int, *, estimated: bool) -> Sizes:
    tree = merge(indexes)
    unpacked = sum(index.unpacked_bytes for index in indexes)
    dead = sum(
        index.columns.content_bytes[entry]
        for index, base in zip(indexes, tree.bases, strict=True)
        for entry in range(len(index))
        if tree.deaths[base + entry]
    )
    return Sizes(
        layers=len(indexes),
        wire_bytes=wire_bytes,
        wire_bytes_estimated=estimated,
        unpacked_bytes=unpacked,
        visible_bytes=unpacked - dead,
        dead_bytes=dead,
    )


def _rows(measured: Measured, plan: Plan, done: Rewritten | None) -> tuple[NewLayerRow, ...]:
    rows = []
    for number, layer in enumerate(plan.layers):
        positions = layer.positions if isinstance(layer, NewLayer) else (layer.position,)
        old = [measured.scans[position - 1] for position in positions]
        row = done.layers[number] if done is not None else None
        fate: Fate = "written" if isinstance(layer, NewLayer) else "kept"
        if row is not None and fate == "kept" and row.blob.digest != old[0].digest:
            fate = "recompressed"
        rows.append(
            NewLayerRow(
                position=number + 1,
                fate=fate,
                from_positions=positions,
                diff_id=row.diff_id if row else None,
                digest=row.blob.digest if row else None,
                codec=str(row.codec) if row else "",
                wire_bytes=row.blob.stored_bytes if row else None,
                old_wire_bytes=sum(scan.wire.wire_bytes for scan in old),
                unpacked_bytes=done.scans[number].index.unpacked_bytes if done else None,
            )
        )
    return tuple(rows)


def source_date() -> int | None:
    """SOURCE_DATE_EPOCH in seconds, or None (reproducible-builds.org's specification)."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(text) if text.isdigit() else None
