"""Carries a plan out: layers, documents, proof, and then the one moment at which it is visible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lightship.analysis.instructions import map_history
from lightship.errors import CorruptInputError
from lightship.rewrite.config_proof import compare_configs
from lightship.rewrite.copying import Sources
from lightship.rewrite.differences import ProofFailedError
from lightship.rewrite.documents import new_config
from lightship.rewrite.history import OldHistory, clamped_history, new_history
from lightship.rewrite.layer_writer import LayerWriter
from lightship.rewrite.manifests import manifest_for, new_image, zstd_note
from lightship.rewrite.proving import Proof, prove
from lightship.rewrite.rawjson import RawObject, elements
from lightship.rewrite.records import KeptLayer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.filetree.tree import FileTree
    from lightship.layers.limits import Limits
    from lightship.layers.scan import LayerScan
    from lightship.model.digest import Digest
    from lightship.model.image import Image
    from lightship.progress import Progress
    from lightship.rewrite.documents import LayerRow
    from lightship.rewrite.evidence import Part
    from lightship.rewrite.plan import Plan
    from lightship.transports.storing import NewImage, Staging


class Rewritten(Struct, frozen=True):
    """A new image, staged and proven, not yet visible.

    Attributes:
        image: to be committed.
        layers: its layers.
        scans: what they hold: of layers that stay, the old ones, though their blobs may be others.
        config: the raw config.
        image_id: digest of the config.
        proof: what was compared.
        notes: what of the source does not hold any more, and what old clients cannot read.
    """

    image: NewImage
    layers: tuple[LayerRow, ...]
    scans: tuple[LayerScan, ...]
    config: bytes
    image_id: Digest
    proof: Proof
    notes: tuple[str, ...] = ()


def rewrite(
    image: Image,
    scans: Sequence[LayerScan],
    tree: FileTree,
    plan: Plan,
    staging: Staging,
    *,
    limits: Limits,
    progress: Progress,
    made: Sequence[tuple[LayerRow, Part]] | None = None,
) -> Rewritten:
    """Stage the image that a plan makes of another, and prove it.

    Args:
        image: whose layers can be opened again.
        scans: of its layers.
        tree: of all its layers.
        plan: what to do.
        staging: where it goes; neither committed nor discarded here.
        limits: what it may ask of this machine.
        progress: told the stored bytes of the old layers as they are read.
        made: the layers, where they are staged already (`rewrite.recompressing`).

    Raises:
        CorruptInputError: the image has no config, or a layer has changed meanwhile.
        DestinationError: the destination failed.
        InternalError: the proof failed.
    """
    if image.config_bytes is None:
        raise CorruptInputError(f"{image.reference} has no config")
    if made is None:
        writer = LayerWriter(Sources(image.layers, scans, progress), staging, plan, limits)
        made = [
            writer.kept(layer.position) if isinstance(layer, KeptLayer) else writer.new(layer)
            for layer in plan.layers
        ]
    rows = tuple(row for row, _ in made)
    parts = tuple(part for _, part in made)
    proof = prove(tree, parts, plan.changes)

    diff_ids = [row.diff_id for row in rows]
    history = _history(image, scans, plan)
    data = new_config(image.config_bytes, diff_ids, history=history, created=plan.created)
    config = staging.put(data)
    fields, wrong = compare_configs(
        image.config_bytes, config, diff_ids, history=history, created=plan.created
    )
    if wrong:
        raise ProofFailedError(wrong)

    manifest = manifest_for(image, staging, config, rows, keeps_base=plan.keeps_base)
    return Rewritten(
        image=new_image(image, manifest),
        layers=rows,
        scans=tuple(part.scan for part in parts),
        config=data,
        image_id=config.digest,
        proof=replace(proof, config_fields=fields),
        notes=(*manifest.notes, *zstd_note(rows, [scan.codec for scan in scans])),
    )


def _history(image: Image, scans: Sequence[LayerScan], plan: Plan) -> str | None:
    """The new history, as JSON; None where it stays."""
    if not plan.has_new_layers and len(plan.layers) == len(scans) and plan.created is None:
        return None
    entries = image.config.history or ()
    raw = elements(RawObject.of(image.config_bytes or b"{}").get("history") or "[]")
    if not plan.has_new_layers and len(plan.layers) == len(scans):
        return clamped_history(raw, plan.created)
    made = map_history(entries, [len(scan.index) for scan in scans]).entries
    return new_history(OldHistory(entries, raw, made), plan.layers, plan.command, plan.created)
