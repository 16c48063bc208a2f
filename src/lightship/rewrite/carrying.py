"""Carries an image to another place as it is: no layer is indexed, and no tar changes.

Blobs are taken over as they are, verified by their digests, where the destination has them so; else
a layer is compressed or unpacked for it, and read back.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import CorruptInputError
from lightship.layers.codecs import decompressed, sniff
from lightship.layers.compressing import Compression
from lightship.layers.limits import Allowance, Limits
from lightship.layers.scan import Codec
from lightship.rewrite.blobs import write_blob
from lightship.rewrite.documents import LayerRow
from lightship.rewrite.evidence import check_tar
from lightship.rewrite.manifests import manifest_for, new_image, raw_manifest, zstd_note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.model.digest import Digest
    from lightship.model.image import Image, Layer
    from lightship.progress import Progress
    from lightship.transports.storing import NewImage, Staging

_READ_BYTES = 512 * 1024
_MAGIC_BYTES = 4


class Carried(Struct, frozen=True):
    """An image that is staged at another place, not yet visible.

    Attributes:
        image: to be committed.
        layers: its layers.
        old: how each of them was compressed.
        config: the raw config, as it was.
        image_id: digest of the config.
        same: whether the manifest is the old one, byte for byte.
        notes: what of the old manifest does not hold any more and was dropped.
    """

    image: NewImage
    layers: tuple[LayerRow, ...]
    old: tuple[Codec, ...]
    config: bytes
    image_id: Digest
    same: bool
    notes: tuple[str, ...]


def carry(
    image: Image, staging: Staging, progress: Progress, *, limits: Limits | None = None
) -> Carried:
    """Stage an image at another place.

    Args:
        image: whose layers can be opened more than once.
        staging: where it goes; neither committed nor discarded here.
        progress: told the stored bytes of the layers as they are read.
        limits: what the layers that are unpacked on the way may unpack to, all together.

    Raises:
        CorruptInputError: the image has no config, or a layer is not what is claimed of it.
        DestinationError: the destination failed.
        ProofFailedError: what was compressed anew does not unpack to what it was.
    """
    if image.config_bytes is None:
        raise CorruptInputError(f"{image.reference} has no config")
    raw = raw_manifest(image)
    found = tuple(_codec(layer) for layer in image.layers)
    unpacker = _Unpacker(Allowance(limits or Limits()), progress)
    rows = tuple(
        _carried(layer, codec, image, staging, unpacker)
        for layer, codec in zip(image.layers, found, strict=True)
    )
    config = staging.put(image.config_bytes)
    made = manifest_for(image, staging, config, rows)
    return Carried(
        image=new_image(image, made),
        layers=rows,
        old=found,
        config=image.config_bytes,
        image_id=config.digest,
        same=raw is not None and raw.data == made.data,
        notes=(*made.notes, *zstd_note(rows, found)),
    )


def _codec(layer: Layer) -> Codec:
    with layer.open() as stream:
        return sniff(stream.read(_MAGIC_BYTES))


class _Unpacker:
    """Gives the tars of layers that are stored otherwise at the destination."""

    def __init__(self, allowance: Allowance, progress: Progress) -> None:
        self._allowance = allowance
        self.progress = progress

    def unpack(self, layer: Layer, give: Callable[[bytes | memoryview], object]) -> bytes:
        """Give the uncompressed tar of a layer, piece by piece; no hashes of contents."""
        try:
            with layer.open() as stream:
                for piece in decompressed(self._chunks(stream.read))[1]:
                    self._allowance.spend(len(piece))
                    give(piece)
        except CorruptInputError as problem:
            what = f"layer {layer.position}: {problem.what}"
            raise CorruptInputError(what, problem.hint) from problem
        return b""

    def _chunks(self, read: Callable[[int], bytes]) -> Iterator[bytes]:
        while chunk := read(_READ_BYTES):
            self.progress.advance(len(chunk))
            yield chunk


def _carried(
    layer: Layer, codec: Codec, image: Image, staging: Staging, unpacker: _Unpacker
) -> LayerRow:
    accepts = staging.accepts
    fits = image.stores_wire_blobs or codec is not Codec.PLAIN
    if codec is accepts.codec or (fits and accepts.keeps_blobs):
        blob = staging.take(layer)
        unpacker.progress.advance(blob.stored_bytes)
        if layer.diff_id is None:
            raise CorruptInputError(f"layer {layer.position} has no diff ID in the config")
        return LayerRow(blob, layer.diff_id, codec, (layer.position,))
    new = write_blob(staging.sink(), Compression(accepts.codec), partial(unpacker.unpack, layer))
    if layer.diff_id not in (None, new.diff_id):
        raise CorruptInputError(
            f"layer {layer.position} has the diff ID {new.diff_id}, not {layer.diff_id}"
        )
    check_tar(new.blob, new.diff_id)
    return LayerRow(new.blob, new.diff_id, accepts.codec, (layer.position,))
