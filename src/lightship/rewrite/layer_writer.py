"""Stages the layers of a new image: old ones as they are or compressed anew, and new ones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lightship.layers.ahead import ahead
from lightship.layers.compressing import Compression
from lightship.layers.scan import Codec
from lightship.rewrite.blobs import write_blob, write_smaller
from lightship.rewrite.copying import Sources, write_tar
from lightship.rewrite.documents import LayerRow
from lightship.rewrite.evidence import Part, check_taken, check_tar, read_back

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.layers.limits import Limits
    from lightship.layers.scan import LayerScan
    from lightship.model.digest import Digest
    from lightship.rewrite.plan import Plan
    from lightship.rewrite.records import NewLayer
    from lightship.transports.storing import StagedBlob, Staging


class LayerWriter:
    """Stages one layer after the other, in the order of the new image.

    Args:
        sources: the old layers.
        staging: where the new ones go.
        plan: how they are compressed.
        limits: what a new layer may ask of this machine when it is read back.
    """

    def __init__(self, sources: Sources, staging: Staging, plan: Plan, limits: Limits) -> None:
        self._sources = sources
        self._staging = staging
        self._plan = plan
        self._limits = limits
        self._accepts = staging.accepts
        # By diff ID, since layers may repeat (C1).
        self._recompressed: dict[Digest, StagedBlob | None] = {}

    def has_recompressed(self, diff_id: Digest | None) -> bool:
        """Whether it is known already what a layer's tar makes."""
        return diff_id in self._recompressed

    def recompressed(self, diff_id: Digest, blob: StagedBlob | None) -> None:
        """A layer's tar was compressed by whoever read it, and read back; None as of `kept`."""
        self._recompressed[diff_id] = blob

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
                return LayerRow(new, scan.diff_id, compression.codec, (position,)), part
        blob = self._staging.take(self._sources.layers[position - 1])
        check_taken(blob, scan, position)
        self._sources.progress.advance(blob.stored_bytes)
        return LayerRow(blob, scan.diff_id, scan.codec, (position,)), part

    def _recompress(
        self, scan: LayerScan, position: int, compression: Compression
    ) -> StagedBlob | None:
        """A layer's tar in a new blob; None where the old blob is no larger and may stay."""

        def write(give: Callable[[bytes | memoryview], object]) -> bytes:
            with ahead(self._sources.pieces(position)) as pieces:
                for piece in pieces:
                    give(piece)
            return b""

        sink = self._staging.sink()
        if not self._plan.recompresses:
            new = write_blob(sink, compression, write)
            check_tar(new.blob, scan.diff_id)
            return new.blob
        blob = write_smaller(sink, compression, write, scan.stored_bytes)
        if blob is not None:
            check_tar(blob, scan.diff_id)
        return blob

    def new(self, layer: NewLayer) -> tuple[LayerRow, Part]:
        """A layer that is written anew, and read back."""
        compression = self._plan.compression or Compression(self._accepts.codec)
        new = write_blob(
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
