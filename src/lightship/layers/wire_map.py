"""Where in a layer's compressed stream the bytes of its tar lie: made, and kept in the cache."""

from __future__ import annotations

import sys
from array import array
from itertools import accumulate, chain, pairwise
from typing import TYPE_CHECKING, cast

from isal import isal_zlib

from lightship.layers.scan import MAX_CHECKPOINT_BYTES, WireMap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ZLIB_ERROR = cast("type[Exception]", isal_zlib.error)
_MIN_STRIDE_BYTES = 512


def stride(wire_offset: int) -> int:
    """How far the next checkpoint should be at most: in a short blob also small files count."""
    return min(max(wire_offset >> 5, _MIN_STRIDE_BYTES), MAX_CHECKPOINT_BYTES)


class WireTrack:
    """Takes checkpoints while a blob streams by."""

    def __init__(self) -> None:
        self._tar_offsets = array("Q", [0])
        self._wire_offsets = array("Q", [0])

    def pass_by(self, tar_offset: int, wire_offset: int) -> None:
        """All compressed bytes before `wire_offset` were read; they gave the tar so far.

        A checkpoint is where bytes came out: a decoder may hold back what it has read. Members
        and frames that are much shorter than the stride are not told apart: there may be millions.
        """
        if tar_offset > self._tar_offsets[-1] and wire_offset >= self._wire_offsets[-1] + (
            stride(wire_offset) >> 3
        ):
            self._tar_offsets.append(tar_offset)
            self._wire_offsets.append(wire_offset)

    def result(self, tar_bytes: int, wire_bytes: int) -> WireMap:
        """The map of a blob that ended here."""
        self._tar_offsets.append(tar_bytes)
        self._wire_offsets.append(wire_bytes)
        return WireMap(self._tar_offsets, self._wire_offsets)


def even_map(tar_bytes: int, wire_bytes: int) -> WireMap:
    """The map of what is compressed the same everywhere, or of which nothing else is known."""
    return WireMap(array("Q", [0, tar_bytes]), array("Q", [0, wire_bytes]))


def scaled_map(stretches: Sequence[tuple[int, float]], wire_bytes: int) -> WireMap:
    """The map of a tar whose stretches were sampled.

    Args:
        stretches: each one's bytes, and how many compressed bytes they seem to have.
        wire_bytes: what they have together.
    """
    tar_offsets = array("Q", accumulate((length for length, _ in stretches), initial=0))
    weights = list(accumulate((weight for _, weight in stretches), initial=0.0))
    whole = weights[-1] or 1.0
    wire_offsets = array("Q", (int(weight / whole * wire_bytes) for weight in weights))
    wire_offsets[-1] = wire_bytes
    return WireMap(tar_offsets, wire_offsets)


def map_to_bytes(wire_map: WireMap) -> bytes:
    """A map as bytes, for the cache: both columns' differences, compressed."""
    columns = (wire_map.tar_offsets, wire_map.wire_offsets)
    deltas = array("Q", chain.from_iterable(map(_differences, columns)))
    if sys.byteorder == "big":
        deltas.byteswap()
    return bytes(isal_zlib.compress(deltas.tobytes(), 1))


def map_from_bytes(data: bytes, *, tar_bytes: int, wire_bytes: int) -> WireMap:
    """Read what `map_to_bytes` wrote.

    Raises:
        ValueError: it is no map of a blob of this size with a tar of this size.
    """
    try:
        deltas = array("Q", isal_zlib.decompress(data))
    except _ZLIB_ERROR as problem:
        raise ValueError("damaged") from problem
    if sys.byteorder == "big":
        deltas.byteswap()
    count, odd = divmod(len(deltas), 2)
    if odd or not count:
        raise ValueError("columns of different lengths")
    if sum(deltas[:count]) != tar_bytes or sum(deltas[count:]) != wire_bytes:
        raise ValueError("of another blob")
    return WireMap(
        array("Q", accumulate(deltas[:count], initial=0)),
        array("Q", accumulate(deltas[count:], initial=0)),
    )


def _differences(column: Iterable[int]) -> Iterable[int]:
    return (after - before for before, after in pairwise(column))
