"""Compression of layers that are written anew: gzip in members of 1 MiB, zstd, or none.

gzip is libdeflate's, zstd is the real library, whose levels go to 22; both work in several threads,
and nothing in their bytes tells how many.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from lightship.errors import UsageError
from lightship.layers.gzip_members import LEVEL, GzipMembers
from lightship.layers.scan import Codec

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_LEVELS = {Codec.GZIP: LEVEL, Codec.ZSTD: 3, Codec.PLAIN: 0}
_HIGHEST_LEVELS = {Codec.GZIP: 12, Codec.ZSTD: 22}
# More would wait for what reads, checks and hashes the layers, and each takes memory.
_MOST_THREADS = {Codec.GZIP: 8, Codec.ZSTD: 4}


class Compression(Struct, frozen=True):
    """How a layer is compressed; `level` 0 is the codec's default."""

    codec: Codec
    level: int = 0


class Compressor(Protocol):
    """Takes a tar in pieces and gives the blob to a function, in order.

    What goes wrong in a thread is raised by the next `write` or by `finish`. The bytes are the same
    however the tar is cut; the pieces are the caller's again when `write` returns.
    """

    def write(self, data: bytes | memoryview, /) -> None: ...

    def finish(self) -> None:
        """Give what is left: afterwards the blob is whole, also one of no bytes."""

    def close(self) -> None:
        """End its threads; also after an error."""


def compressor(how: Compression, give: Callable[[bytes | memoryview], object]) -> Compressor:
    """What compresses so, and calls `give` with the blob's bytes, in the caller's thread."""
    if how.codec is Codec.PLAIN:
        return _Plain(give)
    level = how.level or DEFAULT_LEVELS[how.codec]
    threads = min(_cores(), _MOST_THREADS[how.codec])
    if how.codec is Codec.GZIP:
        return GzipMembers(level, give, threads)
    from lightship.layers.zstd_frames import ZstdFrame  # noqa: PLC0415 - few images get zstd

    return ZstdFrame(level, give, threads)


def checked_level(codec: Codec, level: int | None) -> int:
    """The level that a user asks for, or the codec's default where that is None.

    Raises:
        UsageError: the codec has no such level.
    """
    if level is None:
        return DEFAULT_LEVELS[codec]
    if codec is Codec.PLAIN:
        raise UsageError(f"plain layers are not compressed: there is no level {level}")
    highest = _HIGHEST_LEVELS[codec]
    if not 1 <= level <= highest:
        raise UsageError(f"{codec} has levels from 1 to {highest}, not {level}")
    return level


def _cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Plain:
    def __init__(self, give: Callable[[bytes | memoryview], object]) -> None:
        self._give = give

    def write(self, data: bytes | memoryview, /) -> None:
        self._give(data)

    def finish(self) -> None: ...

    def close(self) -> None: ...
