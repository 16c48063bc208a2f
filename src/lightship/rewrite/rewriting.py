"""Carries a plan out: layers, documents, proof, and then the one moment at which it is visible."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lightship.analysis.instructions import map_history
from lightship.errors import CorruptInputError
from lightship.layers.ahead import ahead
from lightship.layers.compressing import Compression
from lightship.layers.scan import Codec
from lightship.rewrite.blobs import NewBlob, write_blob, write_smaller
from lightship.rewrite.config_proof import compare_configs
from lightship.rewrite.copying import Sources, write_tar
from lightship.rewrite.differences import ProofFailedError
from lightship.rewrite.documents import LayerRow, new_config
from lightship.rewrite.evidence import Part, check_taken, check_tar, read_back
from lightship.rewrite.history import OldHistory, clamped_history, new_history
from lightship.rewrite.manifests import manifest_for, new_image, zstd_note
from lightship.rewrite.proving import Proof, prove
from lightship.rewrite.rawjson import RawObject, elements
from lightship.rewrite.records import KeptLayer, NewLayer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lightship.filetree.tree import FileTree
    from lightship.layers.limits import Limits
    from lightship.layers.scan import LayerScan
    from lightship.model.digest import Digest
    from lightship.model.image import Image
    from lightship.progress import Progress
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

    Raises:
        CorruptInputError: the image has no config, or a layer has changed meanwhile.
        DestinationError: the destination failed.
        InternalError: the proof failed.
    """
    if image.config_bytes is None:
        raise CorruptInputError(f"{image.reference} has no config")
    writer = _Writer(Sources(image.layers, scans, progress), staging, plan, limits)
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


class _Writer:
    """Stages one layer after the other."""

    def __init__(self, sources: Sources, staging: Staging, plan: Plan, limits: Limits) -> None:
        self._sources = sources
        self._staging = staging
        self._plan = plan
        self._limits = limits
        self._accepts = staging.accepts
        self._recompressed: dict[Digest, NewBlob | None] = {}  # by diff ID: layers may repeat (C1)

    def kept(self, position: int) -> tuple[LayerRow, Part]:
        """A layer that stays: its blob as it is, or its tar compressed anew."""
        scan = self._sources.scans[position - 1]
        compression = self._compression_of(scan)
        part = Part(scan, (position,))
        if compression is not None:
            if scan.diff_id not in self._recompressed:
                self._recompressed[scan.diff_id] = self._recompress(scan, position, compression)
            new = self._recompressed[scan.diff_id]
            if new is not None:
                return LayerRow(new.blob, scan.diff_id, compression.codec, (position,)), part
        blob = self._staging.take(self._sources.layers[position - 1])
        check_taken(blob, scan, position)
        self._sources.progress.advance(blob.stored_bytes)
        return LayerRow(blob, scan.diff_id, scan.codec, (position,)), part

    def _recompress(
        self, scan: LayerScan, position: int, compression: Compression
    ) -> NewBlob | None:
        """A layer's tar in a new blob; None where the old blob is no larger and may stay."""

        def write(give: Callable[[bytes | memoryview], object]) -> bytes:
            with ahead(self._sources.pieces(position)) as pieces:
                for piece in pieces:
                    give(piece)
            return b""

        sink = self._staging.sink()
        if self._plan.recompresses:
            new = write_smaller(sink, compression, write, scan.stored_bytes)
        else:
            new = write_blob(sink, compression, write)
        if new is not None:
            check_tar(new, scan.diff_id)
        return new

    def new(self, layer: NewLayer) -> tuple[LayerRow, Part]:
        """A layer that is written anew, and read back."""
        compression = self._plan.compression or Compression(self._accepts.codec)
        new: NewBlob = write_blob(
            self._staging.sink(), compression, partial(write_tar, layer, self._sources)
        )
        row = LayerRow(new.blob, new.diff_id, compression.codec, layer.positions, is_new=True)
        return row, read_back(new, layer, self._limits)

    def _compression_of(self, scan: LayerScan) -> Compression | None:
        """How a layer that stays is compressed anew; None where its blob stays."""
        wanted = self._plan.compression or Compression(self._accepts.codec)
        if self._plan.recompresses:
            return wanted
        packed = scan.codec is not Codec.PLAIN
        return (
            None if scan.codec is wanted.codec or (packed and self._accepts.keeps_blobs) else wanted
        )
