"""zstd as lightship writes it: one frame (RFC 8878) of the real library, levels to 22.

The library cuts what it is given into jobs and compresses them in threads; each job sees the end of
the one before it, so that little is lost. Jobs of one length make bytes that do not depend on the
number of threads, nor on how the input comes.

Layers hold the same files many megabytes apart, so repetitions are looked for in windows much
longer than the library's own: 64 MiB to level 9, then 128 MiB, the most that a decoder allows whom
nobody told otherwise. Who unpacks needs that memory, too. At level 3 that makes the layers of two
real images 11 and 20 % smaller than the library's own window does.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable

JOB_BYTES = 4 * 1024 * 1024
_LONG_JOB_BYTES = 16 * 1024 * 1024
_WINDOW, _LONG_WINDOW = 26, 27  # as powers of two
# How much of what precedes a job each sees, in the library's own counting: 4 and 64 MiB.
_OVERLAP, _LONG_OVERLAP = 5, 8
_LONG_LEVEL = 10
_SINGLE_LEVEL = 20


class ZstdFrame:
    """Compresses one frame (`layers.compressing.Compressor`).

    The bytes depend on the level and on the version of the library alone.

    Memory beside the interpreter's, measured with two threads: 120 MB at level 3, 140 at 9, 310 at
    12, 420 at 19; 350 at 20 and 830 at 22, which take one thread. Layers of at most `JOB_BYTES`
    take less.
    """

    def __init__(
        self, level: int, give: Callable[[bytes | memoryview], object], threads: int
    ) -> None:
        self._give = give
        self._compressor: zstd.ZstdCompressor | None = zstd.ZstdCompressor(
            options=_options(level, threads)
        )
        # Of a layer that is no longer than a job the frame tells the length: tables and window are
        # made to measure.
        self._head: bytearray | None = bytearray()

    def write(self, data: bytes | memoryview, /) -> None:
        if self._head is not None:
            self._head += data
            if len(self._head) <= JOB_BYTES:
                return
            data, self._head = memoryview(self._head), None
        self._give_some(self._open().compress(data))

    def finish(self) -> None:
        compressor = self._open()
        self._give_some(compressor.compress(self._head or b"", compressor.FLUSH_FRAME))

    def close(self) -> None:
        self._compressor = None

    def _open(self) -> zstd.ZstdCompressor:
        if self._compressor is None:
            raise ValueError("write to a closed compressor")
        return self._compressor

    def _give_some(self, made: bytes) -> None:
        if made:
            self._give(made)


def _options(level: int, threads: int) -> dict[int, int]:
    parameter = zstd.CompressionParameter
    is_long = level >= _LONG_LEVEL
    options: dict[int, int] = {
        parameter.compression_level: level,
        parameter.checksum_flag: 1,
        parameter.window_log: _LONG_WINDOW if is_long else _WINDOW,
        parameter.enable_long_distance_matching: 1,
    }
    # Some builds of the library have no threads. The highest levels would make each job go through
    # the whole window again, or make jobs longer than layers are.
    if parameter.nb_workers.bounds()[1] and level < _SINGLE_LEVEL:
        options |= {
            parameter.nb_workers: threads,
            parameter.job_size: _LONG_JOB_BYTES if is_long else JOB_BYTES,
            parameter.overlap_log: _LONG_OVERLAP if is_long else _OVERLAP,
        }
    return options
