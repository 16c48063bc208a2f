"""Blobs made of pieces of a tar, and undone again."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from layers.scanned import pieces
from lightship.layers.codecs import decompressed
from lightship.layers.compressing import Compression, compressor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lightship.layers.compressing import Compressor


def fed(
    make: Callable[[Callable[[bytes | memoryview], object]], Compressor],
    chunks: Iterable[bytes | memoryview],
) -> bytes:
    blob = bytearray()
    with closing(make(blob.extend)) as sink:
        for chunk in chunks:
            sink.write(chunk)
        sink.finish()
    return bytes(blob)


def compressed(how: Compression, chunks: Iterable[bytes | memoryview]) -> bytes:
    return fed(lambda give: compressor(how, give), chunks)


def undone(blob: bytes) -> bytes:
    return b"".join(decompressed(pieces(blob, 100_000))[1])
