"""Layers that are compressed anew in the very pass that reads and indexes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.rewrite.blobs import write_smaller
from lightship.rewrite.copying import Sources
from lightship.rewrite.evidence import Part, check_tar
from lightship.rewrite.layer_writer import LayerWriter
from lightship.rewrite.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.layers.compressing import Compression
    from lightship.layers.indexing import LayerReader
    from lightship.layers.limits import Limits
    from lightship.layers.scan import LayerScan
    from lightship.model.image import Image, Layer
    from lightship.progress import Progress
    from lightship.rewrite.documents import LayerRow
    from lightship.transports.storing import Staging


class ReadAndStaged(Struct, frozen=True):
    """Layers that were read, and are staged; oldest first."""

    scans: list[LayerScan]
    made: list[tuple[LayerRow, Part]]


def recompress_layers(
    image: Image,
    reader: LayerReader,
    compression: Compression,
    staging: Staging,
    *,
    limits: Limits,
    progress: Progress,
) -> ReadAndStaged:
    """Read each layer once, and stage it in the smaller of two blobs: its own or a new one.

    What is staged, and in which order, is the same whatever `reader` knows already.

    Args:
        image: whose layers can be opened again.
        reader: of its layers.
        compression: of the new blobs.
        staging: where they go; neither committed nor discarded here.
        limits: what the image may ask of this machine.
        progress: told the stored bytes of layers that are known, as they are read; `reader` tells
            its own of the others.

    Raises:
        CorruptInputError: a layer is damaged, or not what the image says it is.
        DestinationError: the destination failed.
        ProofFailedError: what was compressed does not unpack to what it was.
    """
    scans: list[LayerScan] = []
    made: list[tuple[LayerRow, Part]] = []
    plan = Plan((), compression=compression, recompresses=True)
    writer = LayerWriter(Sources(image.layers, scans, progress), staging, plan, limits)
    for layer in image.layers:
        scan = reader.known(layer)
        if scan is None and _is_new(layer, writer):
            scan = _compressed_while_read(layer, reader, compression, staging, writer)
        elif scan is None:
            scan = reader.read(layer)
        scans.append(scan)
        made.append(writer.kept(layer.position))
    return ReadAndStaged(scans, made)


def _is_new(layer: Layer, writer: LayerWriter) -> bool:
    """Whether it has to be compressed, as far as the image's word goes."""
    known = layer.stored_bytes is not None and layer.diff_id is not None
    return known and not writer.has_recompressed(layer.diff_id)


def _compressed_while_read(
    layer: Layer,
    reader: LayerReader,
    compression: Compression,
    staging: Staging,
    writer: LayerWriter,
) -> LayerScan:
    scan: LayerScan | None = None

    def write(give: Callable[[bytes | memoryview], object]) -> bytes:
        nonlocal scan
        scan = reader.read(layer, give)
        return b""

    blob = write_smaller(staging.sink(), compression, write, layer.stored_bytes or 0)
    if scan is None:  # the blob has become too large before all was read
        scan = reader.read(layer)
    elif blob is not None:
        check_tar(blob, scan.diff_id)
    writer.recompressed(scan.diff_id, blob)
    return scan
