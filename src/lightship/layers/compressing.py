"""Compression of layers that are written anew: gzip in members of 1 MiB, zstd, or none.

gzip is libdeflate's, member by member, in several threads: the members' order and so the bytes do
not depend on how many. zstd is the real library, whose levels go to 22.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

import deflate
from msgspec import Struct

from lightship.layers.scan import Codec

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable

MEMBER_BYTES = 1024 * 1024
DEFAULT_LEVELS = {Codec.GZIP: 6, Codec.ZSTD: 3, Codec.PLAIN: 0}


class Compression(Struct, frozen=True):
    """How a layer is compressed; `level` 0 is the codec's default."""

    codec: Codec
    level: int = 0


class Compressor(Protocol):
    """Takes a tar in pieces and gives the blob to a function, in order."""

    def write(self, data: bytes | memoryview, /) -> None: ...

    def finish(self) -> None: ...

    def close(self) -> None:
        """End its threads; also after an error."""


def compressor(how: Compression, give: Callable[[bytes | memoryview], object]) -> Compressor:
    """What compresses so, and calls `give` with the blob's bytes."""
    if how.codec is Codec.PLAIN:
        return _Plain(give)
    level = how.level or DEFAULT_LEVELS[how.codec]
    return _Gzip(level, give) if how.codec is Codec.GZIP else _Zstd(level, give)


class _Plain:
    def __init__(self, give: Callable[[bytes | memoryview], object]) -> None:
        self._give = give

    def write(self, data: bytes | memoryview, /) -> None:
        self._give(data)

    def finish(self) -> None: ...

    def close(self) -> None: ...


class _Gzip:
    def __init__(self, level: int, give: Callable[[bytes | memoryview], object]) -> None:
        self._level = level
        self._give = give
        self._waiting = bytearray()
        self._threads = os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._threads, "lightship-gzip")
        self._made: deque[Future[bytearray]] = deque()
        self._any = False

    def write(self, data: bytes | memoryview, /) -> None:
        self._waiting += data
        while len(self._waiting) >= MEMBER_BYTES:
            member = bytes(self._waiting[:MEMBER_BYTES])
            del self._waiting[:MEMBER_BYTES]
            self._start(member)

    def finish(self) -> None:
        if self._waiting or not self._any:
            self._start(bytes(self._waiting))
            self._waiting.clear()
        while self._made:
            self._give(memoryview(self._made.popleft().result()))

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self, member: bytes) -> None:
        self._any = True
        while len(self._made) > 2 * self._threads:
            self._give(memoryview(self._made.popleft().result()))
        self._made.append(self._pool.submit(deflate.gzip_compress, member, self._level))


class _Zstd:
    def __init__(self, level: int, give: Callable[[bytes | memoryview], object]) -> None:
        options: dict[int, int] = {
            zstd.CompressionParameter.compression_level: level,
            zstd.CompressionParameter.nb_workers: 2,
            zstd.CompressionParameter.checksum_flag: 1,
        }
        self._compressor = zstd.ZstdCompressor(options=options)
        self._give = give

    def write(self, data: bytes | memoryview, /) -> None:
        if made := self._compressor.compress(data):
            self._give(made)

    def finish(self) -> None:
        self._give(self._compressor.flush())

    def close(self) -> None: ...
