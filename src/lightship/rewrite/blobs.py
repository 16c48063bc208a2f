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
    state, tar_bytes = hashlib.sha256(), 0

    def write_hashed(give: Callable[[bytes | memoryview], object]) -> bytes:
        def take(data: bytes | memoryview) -> None:
            nonlocal tar_bytes
            state.update(data)
            tar_bytes += len(data)
            give(data)

        return write(take)

    blob, hashes = _staged(sink, compression, write_hashed, None)
    return NewBlob(blob, Digest.from_hash(state), tar_bytes, hashes)


def write_smaller(
    sink: BlobSink,
    compression: Compression,
    write: Callable[[Callable[[bytes | memoryview], object]], bytes],
    than: int,
) -> StagedBlob | None:
    """As `write_blob`, but None where the blob has `than` bytes or more: nothing is staged then.

    The tar is not hashed here: whoever reads it for this has its diff ID.
    """
    try:
        return _staged(sink, compression, write, than)[0]
    except _Larger:
        return None


def _staged(
    sink: BlobSink,
    compression: Compression,
    write: Callable[[Callable[[bytes | memoryview], object]], bytes],
    smaller_than: int | None,
) -> tuple[StagedBlob, bytes]:
    blob_state, blob_bytes = hashlib.sha256(), 0

    def store(data: bytes | memoryview) -> None:
        nonlocal blob_bytes
        blob_bytes += len(data)
        if smaller_than is not None and blob_bytes >= smaller_than:
            raise _Larger
        blob_state.update(data)
        sink.write(data)

    packer = compressor(compression, store)
    try:
        hashes = write(packer.write)
        packer.finish()
    except BaseException:
        sink.abandon()
        raise
    finally:
        packer.close()
    return sink.finish(Digest.from_hash(blob_state)), hashes
