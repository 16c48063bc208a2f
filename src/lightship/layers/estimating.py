"""Wire bytes of a plain layer: what lightship itself would write, sampled or exact.

It writes gzip as libdeflate level 6 in members of 1 MiB. A layer of one member is compressed;
of a longer one a systematic sample of blocks is, more densely where the layer is short.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from isal import igzip_lib

from lightship.layers.gzip_members import MEMBER_BYTES, MemberCutter, compressed_member
from lightship.layers.scan import WireSize
from lightship.layers.wire_map import WireTrack, even_map, scaled_map, stride

if TYPE_CHECKING:
    from lightship.layers.scan import WireMap

_BLOCK_BYTES = 16 * 1024
# A block compresses worse than the member it lies in. How much is told by how much worse its halves
# compress than itself: 1.76 times that, fitted to the layers of two real images and nine trees of a
# Debian machine, with 2 % of the result as standard error. Made-up logs, tables and noise fit too.
_PENALTY_OF_HALVING = 1.76
_MODEL_ERROR = 0.04
_HALVED = 3  # every third block
_SAMPLED_SHARE = 1 / 560
_MIN_BLOCKS = 6
_T_95 = 2.2  # Student's t at 10 degrees of freedom, about what the smaller layers have


class WireMeter(Protocol):
    """Told every piece of an uncompressed layer, in order."""

    def update(self, piece: bytes) -> None: ...

    def result(self) -> WireSize: ...

    def wire_map(self) -> WireMap:
        """Where in that size the layer's bytes lie; asked for after `result`."""
        ...


class ExactWire:
    """Compresses everything, member by member, and keeps only the sizes."""

    def __init__(self) -> None:
        self._cutter = MemberCutter()
        self._tar_bytes = 0
        self._wire_bytes = 0
        self._track = WireTrack()

    def update(self, piece: bytes) -> None:
        for content in self._cutter.whole(piece):
            self._compress(content)

    def result(self) -> WireSize:
        rest = self._cutter.rest()
        if rest or not self._wire_bytes:
            self._compress(rest)
        return WireSize(self._wire_bytes)

    def wire_map(self) -> WireMap:
        return self._track.result(self._tar_bytes, self._wire_bytes)

    def _compress(self, data: bytearray | memoryview) -> None:
        member = compressed_member(data)
        _follow(member, self._track, self._tar_bytes, self._wire_bytes)
        self._tar_bytes += len(data)
        self._wire_bytes += len(member)


def _follow(member: bytes, track: WireTrack, tar_offset: int, wire_offset: int) -> None:
    """Undo a member's compression piece by piece, to see where in it its content lies."""
    decoder = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    view = memoryview(member)
    position = 0
    while position < len(member):
        piece = view[position : position + stride(wire_offset + position)]
        position += len(piece)
        tar_offset += len(decoder.decompress(piece))
        track.pass_by(tar_offset, wire_offset + position)


class SampledWire:
    """Compresses about one byte in 560, at least a few from each doubling of the length."""

    def __init__(self) -> None:
        self._head: list[bytes] | None = []
        self._seen = 0
        self._strata: list[_Stratum] = [_Stratum(0)]
        self._block = bytearray()
        self._next = 0
        self._samples: list[tuple[int, float]] = []  # where a block lies, and its ratio
        self._short: ExactWire | None = None
        self._wire_bytes = 0

    def update(self, piece: bytes) -> None:
        if self._head is not None:
            self._head.append(piece)
        if self._seen + len(piece) > MEMBER_BYTES and self._head is not None:
            head, self._head = b"".join(self._head), None
            self._sample(head, 0)
        elif self._head is None:
            self._sample(piece, self._seen)
        self._seen += len(piece)

    def result(self) -> WireSize:
        if self._head is not None:
            self._short = ExactWire()
            self._short.update(b"".join(self._head))
            return self._short.result()
        if self._block and self._next >= self._strata[-1].stop:
            self._take_block()  # nothing else is known of the last stretch
        total = variance = 0.0
        self._strata[-1].stop = self._seen
        for stratum in self._strata:
            mean, spread = stratum.mean_and_variance()
            share = stratum.stop - stratum.start
            total += mean * share
            variance += spread * share**2
        error = math.hypot(_T_95 * math.sqrt(variance), _MODEL_ERROR * total)
        self._wire_bytes = round(total)
        return WireSize(self._wire_bytes, math.ceil(error), estimated=True)

    def wire_map(self) -> WireMap:
        """From each sample to half-way to the next, all is taken to be as that."""
        if self._short is not None:
            return self._short.wire_map()
        if not self._samples:
            return even_map(self._seen, self._wire_bytes)
        places = [place for place, _ in self._samples]
        bounds = [0, *((before + after) // 2 for before, after in pairwise(places)), self._seen]
        stretches = [
            (stop - start, (stop - start) * ratio)
            for (start, stop), (_, ratio) in zip(pairwise(bounds), self._samples, strict=True)
        ]
        return scaled_map(stretches, self._wire_bytes)

    def _sample(self, piece: bytes, offset: int) -> None:
        """Take the wanted blocks out of a piece that begins at `offset` of the layer."""
        stop = offset + len(piece)
        while (start := self._next + len(self._block)) < stop:
            begin = start - offset
            self._block += piece[begin : begin + _BLOCK_BYTES - len(self._block)]
            if len(self._block) < _BLOCK_BYTES:
                return
            self._take_block()

    def _take_block(self) -> None:
        if self._next >= self._strata[-1].stop:
            self._strata.append(_Stratum(self._strata[-1].stop))
        stratum = self._strata[-1]
        self._samples.append((self._next + len(self._block) // 2, stratum.take(bytes(self._block))))
        self._block.clear()
        self._next += stratum.step


class _Stratum:
    """One doubling of the layer's length: bytes `start` to `stop`, a block every `step`."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.stop = max(2 * start, MEMBER_BYTES)
        length = self.stop - start
        blocks = max(_MIN_BLOCKS, round(length * _SAMPLED_SHARE / _BLOCK_BYTES))
        self.step = length // blocks
        self._ratios: list[float] = []
        self._losses: list[float] = []

    def take(self, block: bytes) -> float:
        """Compress a block, and now and then its halves; returns its ratio."""
        ratio = len(compressed_member(block)) / len(block)
        if len(self._ratios) % _HALVED == 0:
            half = len(block) // 2
            halves = len(compressed_member(block[:half])) + len(compressed_member(block[half:]))
            self._losses.append(halves / len(block) - ratio)
        self._ratios.append(ratio)
        return ratio

    def mean_and_variance(self) -> tuple[float, float]:
        """Mean ratio of compressed to plain as in whole members, and the variance of that mean."""
        mean, variance = _mean_and_variance(self._ratios)
        loss, loss_variance = _mean_and_variance(self._losses)
        member = max(mean - _PENALTY_OF_HALVING * loss, mean / 2)
        return member, variance + _PENALTY_OF_HALVING**2 * loss_variance


def _mean_and_variance(values: list[float]) -> tuple[float, float]:
    """Of a sample: its mean, and the variance of that mean."""
    count = len(values)
    mean = sum(values) / count
    if count < 2:
        return mean, mean**2
    return mean, sum((value - mean) ** 2 for value in values) / (count - 1) / count
