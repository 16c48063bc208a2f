"""Carries a plan out: layers, documents, proof, and then the one moment at which it is visible."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import CorruptInputError
from lightship.layers.compressing import Compression
from lightship.layers.scan import Codec
from lightship.rewrite.blobs import NewBlob, write_blob
from lightship.rewrite.copying import Sources, write_tar
from lightship.rewrite.documents import LayerRow, new_config, new_manifest
from lightship.rewrite.proving import Proof, prove, read_back
from lightship.rewrite.records import KeptLayer, NewLayer
from lightship.transports.storing import NewImage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lightship.filetree.tree import FileTree
    from lightship.layers.index import LayerIndex
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
        indexes: what they hold.
        config: the raw config.
        image_id: digest of the config.
        proof: what was compared.
    """

    image: NewImage
    layers: tuple[LayerRow, ...]
    indexes: tuple[LayerIndex, ...]
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
    indexes = tuple(index for _, index in made)
    proof = prove(tree, indexes, plan.changes)
    data = new_config(
        image.config_bytes,
        [row.diff_id for row in rows],
        history=plan.history,
        created=plan.created,
    )
    config = staging.put(data)
    manifest, media_type = new_manifest(config, rows, _family(rows, staging))
    new = NewImage(manifest, media_type, image.platform, image.digest)
    return Rewritten(new, rows, indexes, data, config.digest, proof)


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

    def kept(self, position: int) -> tuple[LayerRow, LayerIndex]:
        """A layer that stays: its blob as it is, or its tar compressed anew."""
        scan = self._sources.scans[position - 1]
        compression = self._compression_of(scan)
        if compression is None:
            blob = self._staging.take(self._sources.layers[position - 1])
            return LayerRow(blob, scan.diff_id, scan.codec, (position,)), scan.index

        def write(give: Callable[[bytes | memoryview], object]) -> bytes:
            for piece in self._sources.pieces(position):
                give(piece)
            return b""

        new = write_blob(self._staging.sink(), compression, write)
        return LayerRow(new.blob, new.diff_id, compression.codec, (position,)), scan.index

    def new(self, layer: NewLayer) -> tuple[LayerRow, LayerIndex]:
        """A layer that is written anew, and read back."""
        compression = self._plan.compression or Compression(self._accepts.codec)
        new: NewBlob = write_blob(
            self._staging.sink(), compression, partial(write_tar, layer, self._sources)
        )
        row = LayerRow(new.blob, new.diff_id, compression.codec, layer.positions)
        return row, read_back(new, self._limits)

    def _compression_of(self, scan: LayerScan) -> Compression | None:
        """How a layer that stays is compressed anew; None where its blob stays."""
        if self._plan.compression is not None:
            return self._plan.compression
        wanted = self._accepts.codec
        if scan.codec is wanted or (scan.codec is not Codec.PLAIN and self._accepts.keeps_blobs):
            return None
        return Compression(wanted)
