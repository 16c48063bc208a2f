"""One layer blob, read once: digests, codec, index and wire size in one pass."""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct, field

from lightship.layers.ahead import ahead
from lightship.layers.captures import NO_CAPTURES, Captures
from lightship.layers.codecs import decompressed
from lightship.layers.estimating import ExactWire, SampledWire, WireMeter
from lightship.layers.limits import Allowance, Limits
from lightship.layers.scan import Codec, LayerScan, WireSize
from lightship.layers.scanning import scan_tar
from lightship.layers.wire_map import WireTrack
from lightship.model.digest import Digest
from lightship.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.progress import Progress


_READ_BYTES = 512 * 1024


class Reading(Struct, frozen=True, kw_only=True):
    """How layers are read; one for all layers of an image, since they share the allowance.

    Attributes:
        limits: what the image may ask of this machine.
        captures: which contents to keep.
        exact_wire: compress plain layers whole instead of sampling them.
        stores_wire_blobs: a plain blob is what the registry stores, so its wire size is its own.
        contents: given the SHA-256 of each regular file with content, in the tar's order.
        tar: given the uncompressed tar, piece by piece, as it goes by.
        progress: told the stored bytes as they are read.
    """

    limits: Limits = field(default_factory=Limits)
    allowance: Allowance = field(default_factory=lambda: Allowance(Limits()))
    captures: Captures = NO_CAPTURES
    exact_wire: bool = False
    stores_wire_blobs: bool = False
    contents: bytearray | None = None
    tar: Callable[[bytes], object] | None = None
    progress: Progress = SILENT

    @classmethod
    def within(cls, limits: Limits, **options: object) -> Reading:
        """A reading whose allowance is that of `limits`."""
        return cls(limits=limits, allowance=Allowance(limits), **options)  # type: ignore[arg-type]


class _Blob:
    """The stored bytes as they go by."""

    def __init__(self, stream: BinaryIO, algorithm: str, progress: Progress) -> None:
        self._stream = stream
        self._progress = progress
        self.state = hashlib.new(algorithm)
        self.stored_bytes = 0

    def chunks(self) -> Iterator[bytes]:
        while chunk := self._stream.read(_READ_BYTES):
            self.state.update(chunk)
            self.stored_bytes += len(chunk)
            self._progress.advance(len(chunk))
            yield chunk


def read_layer(
    stream: BinaryIO, reading: Reading, *, algorithm: str = "sha256", pipelined: bool = True
) -> LayerScan:
    """Read a layer blob to its last byte.

    Args:
        stream: the stored bytes, compressed or not.
        reading: how.
        algorithm: of the blob's digest.
        pipelined: read and decompress in a thread of its own. That keeps a second core busy, and
            costs a tenth more processor time, since each piece changes cores.

    Raises:
        CorruptInputError: the compressed data or the tar is damaged, truncated or over a limit.
    """
    blob = _Blob(stream, algorithm, reading.progress)
    track = WireTrack()
    codec, pieces = decompressed(blob.chunks(), track)
    tar_state = hashlib.sha256() if codec is not Codec.PLAIN or algorithm != "sha256" else None
    meter: WireMeter | None = None
    if codec is Codec.PLAIN and not reading.stores_wire_blobs:
        meter = ExactWire() if reading.exact_wire else SampledWire()

    with ahead(pieces) if pipelined else nullcontext(pieces) as made:
        index = scan_tar(
            _observed(made, tar_state, meter, reading.tar),
            limits=reading.limits,
            allowance=reading.allowance,
            captures=reading.captures,
            contents=reading.contents,
        )
    if meter is not None:
        wire, wire_map = meter.result(), meter.wire_map()
    else:  # the blob itself is what a registry stores
        wire = WireSize(blob.stored_bytes)
        wire_map = track.result(index.tar_bytes, blob.stored_bytes)
    return LayerScan(
        digest=Digest.from_hash(blob.state),
        diff_id=Digest.from_hash(tar_state or blob.state),
        stored_bytes=blob.stored_bytes,
        codec=codec,
        wire=wire,
        index=index,
        verified="read",
        wire_map=wire_map,
    )


def _observed(
    pieces: Iterator[bytes],
    state: hashlib._Hash | None,
    meter: WireMeter | None,
    give: Callable[[bytes], object] | None,
) -> Iterator[bytes]:
    for piece in pieces:
        if give is not None:
            give(piece)
        if state is not None:
            state.update(piece)
        if meter is not None:
            meter.update(piece)
        yield piece
