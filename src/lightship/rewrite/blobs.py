"""New blobs: a tar is compressed, hashed on both sides and staged in one pass."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.layers.compressing import Compression, compressor
from lightship.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.transports.storing import BlobSink, StagedBlob


class _Larger(Exception):  # noqa: N818 - no error: the old blob is the better one
    """A blob has become as large as the one that it would replace."""


class NewBlob(Struct, frozen=True):
    """A layer's blob as it was written.

    Attributes:
        blob: where it is staged.
        diff_id: of the tar that was compressed.
        tar_bytes: length of that tar.
        hashes: SHA-256 of the files' contents, as `rewrite.copying.write_tar` gives them.
    """

    blob: StagedBlob
    diff_id: Digest
    tar_bytes: int
    hashes: bytes


def write_blob(
    sink: BlobSink,
    compression: Compression,
    write: Callable[[Callable[[bytes | memoryview], object]], bytes],
) -> NewBlob:
    """Compress and stage what `write` gives to the function that it is called with.

    Raises:
        DestinationError: the destination could not take it; whatever `write` raises. The sink is
            then abandoned.
    """
    return _written(sink, compression, write, None)


def write_smaller(
    sink: BlobSink,
    compression: Compression,
    write: Callable[[Callable[[bytes | memoryview], object]], bytes],
    than: int,
) -> NewBlob | None:
    """As `write_blob`, but None where the blob has `than` bytes or more: nothing is staged then."""
    try:
        return _written(sink, compression, write, than)
    except _Larger:
        return None


def _written(
    sink: BlobSink,
    compression: Compression,
    write: Callable[[Callable[[bytes | memoryview], object]], bytes],
    smaller_than: int | None,
) -> NewBlob:
    tar_state, blob_state = hashlib.sha256(), hashlib.sha256()
    tar_bytes = blob_bytes = 0

    def store(data: bytes | memoryview) -> None:
        nonlocal blob_bytes
        blob_bytes += len(data)
        if smaller_than is not None and blob_bytes >= smaller_than:
            raise _Larger
        blob_state.update(data)
        sink.write(data)

    packer = compressor(compression, store)

    def take(data: bytes | memoryview) -> None:
        nonlocal tar_bytes
        tar_state.update(data)
        tar_bytes += len(data)
        packer.write(data)

    try:
        hashes = write(take)
        packer.finish()
    except BaseException:
        sink.abandon()
        raise
    finally:
        packer.close()
    blob = sink.finish(Digest.from_hash(blob_state))
    return NewBlob(blob, Digest.from_hash(tar_state), tar_bytes, hashes)
