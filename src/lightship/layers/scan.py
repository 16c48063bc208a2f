"""What reading one layer gives."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from msgspec import Struct

if TYPE_CHECKING:
    from lightship.layers.index import LayerIndex
    from lightship.model.digest import Digest
    from lightship.model.results.inspect import Verified


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
    """

    digest: Digest
    diff_id: Digest
    stored_bytes: int
    codec: Codec
    wire: WireSize
    index: LayerIndex
    verified: Verified


@runtime_checkable
class AlreadyRead(Protocol):
    """A layer whose bytes came by once (a pipe) and were read then."""

    @property
    def scan(self) -> LayerScan:
        """What that reading gave."""
