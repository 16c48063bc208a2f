"""Carries a plan out: layers, documents, proof, and then the one moment at which it is visible."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import CorruptInputError
from lightship.layers.compressing import Compression
from lightship.layers.scan import Codec
from lightship.rewrite.blobs import NewBlob, write_blob, write_smaller
from lightship.rewrite.copying import Sources, write_tar
from lightship.rewrite.documents import LayerRow, new_config, new_manifest
from lightship.rewrite.evidence import Part, check_taken, check_tar, read_back
from lightship.rewrite.proving import Proof, prove
from lightship.rewrite.records import KeptLayer, NewLayer
from lightship.transports.storing import NewImage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lightship.filetree.tree import FileTree
    from lightship.layers.limits import Limits
    from lightship.layers.scan import LayerScan
    from lightship.model.digest import Digest
    from lightship.model.image import Image
    from lightship.progress import Progress
    from lightship.rewrite.plan import Plan
    from lightship.transports.storing import Family, Staging


class Rewritten(Struct, frozen=True):
    """A new image, staged and proven, not yet visible.

    Attributes:
        image: to be committed.
        layers: its layers.
        scans: what they hold: of layers that stay, the old ones, though their blobs may be others.
        config: the raw config.
        image_id: digest of the config.
        proof: what was compared.
    """

    image: NewImage
    layers: tuple[LayerRow, ...]
    scans: tuple[LayerScan, ...]
    config: bytes
    image_id: Digest
    proof: Proof


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
    data = new_config(
        image.config_bytes,
        [row.diff_id for row in rows],
        history=plan.history,
        created=plan.created,
    )
    config = staging.put(data)
    manifest, media_type = new_manifest(config, rows, _family(rows, staging))
    new = NewImage(manifest, media_type, image.platform, image.digest)
    return Rewritten(new, rows, tuple(part.scan for part in parts), data, config.digest, proof)


def _family(rows: Sequence[LayerRow], staging: Staging) -> Family:
    """Zstd exists in the OCI family only (M4)."""
    if any(row.codec is Codec.ZSTD for row in rows):
        return "oci"
    return staging.accepts.families[0]


class _Writer:
    """Stages one layer after the other."""

    def __init__(self, sources: Sources, staging: Staging, plan: Plan, limits: Limits) -> None:
        self._sources = sources
        self._staging = staging
        self._plan = plan
        self._limits = limits
        self._accepts = staging.accepts

    def kept(self, position: int) -> tuple[LayerRow, Part]:
        """A layer that stays: its blob as it is, or its tar compressed anew."""
        scan = self._sources.scans[position - 1]
        compression = self._compression_of(scan)
        new = self._recompressed(scan, position, compression) if compression is not None else None
        part = Part(scan, (position,))
        if new is None or compression is None:
            blob = self._staging.take(self._sources.layers[position - 1])
            check_taken(blob, scan, position)
            return LayerRow(blob, scan.diff_id, scan.codec, (position,)), part
        check_tar(new, scan.diff_id)
        return LayerRow(new.blob, scan.diff_id, compression.codec, (position,)), part

    def _recompressed(
        self, scan: LayerScan, position: int, compression: Compression
    ) -> NewBlob | None:
        """A layer's tar in a new blob; None where the old blob is no larger and may stay."""

        def write(give: Callable[[bytes | memoryview], object]) -> bytes:
            for piece in self._sources.pieces(position):
                give(piece)
            return b""

        if self._plan.recompresses:
            return write_smaller(self._staging.sink(), compression, write, scan.stored_bytes)
        return write_blob(self._staging.sink(), compression, write)

    def new(self, layer: NewLayer) -> tuple[LayerRow, Part]:
        """A layer that is written anew, and read back."""
        compression = self._plan.compression or Compression(self._accepts.codec)
        new: NewBlob = write_blob(
            self._staging.sink(), compression, partial(write_tar, layer, self._sources)
        )
        row = LayerRow(new.blob, new.diff_id, compression.codec, layer.positions)
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
