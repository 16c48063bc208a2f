"""The fastest known decompressors, each as a generator of uncompressed blocks.

Which of them is fastest depends on the processor, so the floor tries each one before it counts.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeAlias, cast

from isal import igzip, isal_zlib

if TYPE_CHECKING:
    import io

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BLOCK_BYTES = 1 << 20

Block: TypeAlias = bytes | memoryview
Blocks: TypeAlias = Callable[[BinaryIO], Iterator[Block]]


class _ReadsInto(Protocol):
    def readinto(self, buffer: bytearray, /) -> int | None: ...


def _filled(stream: _ReadsInto) -> Iterator[Block]:
    buffer = bytearray(BLOCK_BYTES)
    view = memoryview(buffer)
    while count := stream.readinto(buffer):
        yield view[:count]


def plain(source: BinaryIO) -> Iterator[Block]:
    """Yield a file as it is."""
    return _filled(cast("io.RawIOBase", source))


def igzip_file(source: BinaryIO) -> Iterator[Block]:
    """Inflate with isal's file object into one buffer."""
    return _filled(igzip.GzipFile(fileobj=source, mode="rb"))  # type: ignore[no-untyped-call]


def isal_object(source: BinaryIO) -> Iterator[Block]:
    """Inflate with isal's decompression object, whose output is new bytes each time."""
    engine = isal_zlib.decompressobj(wbits=31)
    while data := source.read(BLOCK_BYTES // 4):
        while data:
            yield engine.decompress(data)
            data = engine.unused_data
            if engine.eof:
                engine = isal_zlib.decompressobj(wbits=31)


def zstandard_stream(source: BinaryIO) -> Iterator[Block]:
    """Decompress with python-zstandard into one buffer."""
    # By name: only the benchmark installs it, and types are checked without it.
    engine = importlib.import_module("zstandard").ZstdDecompressor()
    stream = engine.stream_reader(source, read_size=BLOCK_BYTES, read_across_frames=True)
    return _filled(cast("_ReadsInto", stream))


def zstd_file(source: BinaryIO) -> Iterator[Block]:
    """Decompress with the standard library's zstd, or its backport, into one buffer."""
    return _filled(zstd.ZstdFile(source))


CANDIDATES: dict[str, dict[str, Blocks]] = {
    "plain": {"plain": plain},
    "gzip": {"isal igzip": igzip_file, "isal decompressobj": isal_object},
    "zstd": {"zstandard": zstandard_stream, "standard library zstd": zstd_file},
}
