"""What reading one layer gives."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from msgspec import Struct

if TYPE_CHECKING:
    from array import array

    from lightship.layers.index import LayerIndex
    from lightship.model.digest import Digest
    from lightship.model.results.inspect import Verified


MAX_CHECKPOINT_BYTES = 64 * 1024


class Codec(StrEnum):
    """How a blob is compressed, told by its magic bytes."""

    PLAIN = "plain"
    GZIP = "gzip"
    ZSTD = "zstd"


class WireSize(Struct, frozen=True):
    """Compressed size of a layer as a registry would store it.

    Attributes:
        wire_bytes: compressed bytes of the blob.
        error_bytes: half the width of the 95 % interval; 0 if `wire_bytes` is exact.
        estimated: whether `wire_bytes` is an estimate.
    """

    wire_bytes: int
    error_bytes: int = 0
    estimated: bool = False


class WireMap(Struct, frozen=True):
    """Where in a layer's compressed stream the bytes of its tar lie.

    Both columns grow together, from 0 to the ends of the tar and of the blob; between two
    checkpoints, at most `MAX_CHECKPOINT_BYTES` of compressed input apart (a zstd block that is
    longer comes out at its end), positions are interpolated. What lies between two checkpoints of
    one tar offset is no part of the tar. Where the wire size is an estimate, so is the map.

    Attributes:
        tar_offsets: bytes of the uncompressed tar.
        wire_offsets: compressed bytes that had been read when these were out.
    """

    tar_offsets: array[int]
    wire_offsets: array[int]


class LayerScan(Struct, frozen=True):
    """One layer blob, read to its last byte.

    Attributes:
        digest: computed over the stored bytes.
        diff_id: computed over the uncompressed tar.
        stored_bytes: size of the blob as stored.
        codec: told by magic bytes.
        wire: what a registry would store (equal to `stored_bytes` for a compressed blob).
        index: what the tar holds.
        verified: `cached` where the bytes were not read this time but proven unchanged.
        wire_map: where in the blob the tar's bytes lie; its ends are `wire.wire_bytes` and the
            tar's length.
    """

    digest: Digest
    diff_id: Digest
    stored_bytes: int
    codec: Codec
    wire: WireSize
    index: LayerIndex
    verified: Verified
    wire_map: WireMap


@runtime_checkable
class AlreadyRead(Protocol):
    """A layer whose bytes came by once (a pipe) and were read then."""

    @property
    def scan(self) -> LayerScan:
        """What that reading gave."""
