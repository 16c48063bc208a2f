"""Layers that are taken over as they are: copied, and held against what they are said to be."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from lightship.errors import CorruptInputError
from lightship.layers.codecs import decompressed, sniff
from lightship.layers.scan import Codec
from lightship.model.digest import Digest
from lightship.transports.stretches import copy_into, hash_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.model.image import Layer
    from lightship.transports.storing import BlobSink, StagedBlob

_PIECE = 1 << 20


class Taken(Struct, frozen=True):
    """A layer that is taken over: its blob has `length` bytes and this digest, or is corrupt."""

    layer: Layer
    digest: Digest
    length: int


def taken_as_claimed(layer: Layer) -> Taken | None:
    """A layer with what is claimed of its stored bytes; None where nothing is.

    A plain tar's diff ID is its digest, too.
    """
    digest, length = layer.digest, layer.stored_bytes
    if digest is None and layer.diff_id is not None:
        with layer.open() as stream:
            digest = layer.diff_id if sniff(stream.read(4)) is Codec.PLAIN else None
    return Taken(layer, digest, length) if digest is not None and length is not None else None


def copy_taken(descriptor: int, offset: int, taken: Taken, stopped: Callable[[], bool]) -> None:
    """Copy a layer's blob to an offset of a file, and read back what was written.

    Raises:
        OSError: it could not be written.
        CorruptInputError: it is not what it is said to be.
    """
    with taken.layer.open() as stream:
        length = copy_into(descriptor, offset, stream, taken.length, stopped)
    what = f"layer {taken.layer.position}"
    if length != taken.length:
        raise CorruptInputError(f"{what} has {length} bytes, and is said to have {taken.length}")
    found = hash_of(descriptor, offset, length, taken.digest.algorithm, stopped)
    _check(taken.layer, found, taken.digest)


def take_through(sink: BlobSink, layer: Layer) -> StagedBlob:
    """Copy a layer whose length or digest nobody claims.

    Raises:
        DestinationError: it could not be written.
        CorruptInputError: it is not what its digest says, or its diff ID where it has no digest.
    """
    state = hashlib.new(layer.digest.algorithm if layer.digest else "sha256")

    def pieces(stream: BinaryIO) -> Iterator[bytes]:
        while piece := stream.read(_PIECE):
            state.update(piece)
            sink.write(piece)
            yield piece

    try:
        with layer.open() as stream:
            if layer.digest is None and layer.diff_id is not None:
                _check_tar(layer, pieces(stream), layer.diff_id)
            else:
                for _ in pieces(stream):
                    pass
        found = Digest.from_hash(state)
        _check(layer, found, layer.digest or found)
    except BaseException:
        sink.abandon()
        raise
    return sink.finish(found)


def _check_tar(layer: Layer, stored: Iterator[bytes], diff_id: Digest) -> None:
    """Unpack a blob as it goes by: an archive of Docker's vouches for the tar alone."""
    state = hashlib.new(diff_id.algorithm)
    try:
        for piece in decompressed(stored)[1]:
            state.update(piece)
    except CorruptInputError as problem:
        raise CorruptInputError(f"layer {layer.position}: {problem.what}") from problem
    if Digest.from_hash(state) != diff_id:
        raise CorruptInputError(
            f"layer {layer.position} has the diff ID {Digest.from_hash(state)}, not {diff_id}"
        )


def _check(layer: Layer, found: Digest, expected: Digest) -> None:
    if found != expected:
        raise CorruptInputError(
            f"layer {layer.position} is corrupt: its bytes have the digest {found}, not {expected}"
        )
