"""Wire bytes of each file: the part of its layer's compressed blob in which its content lies.

A share, not a promise: without the file the rest would compress a little differently.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from itertools import compress, pairwise
from typing import TYPE_CHECKING

from lightship.analysis.ledger import WireUse
from lightship.analysis.wire import blob_key
from lightship.filetree.tree import Death
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.filetree.tree import FileTree
    from lightship.layers.index import LayerIndex
    from lightship.layers.scan import LayerScan, WireMap
    from lightship.model.digest import Digest

_BEYOND = 2**64
"""No tar is so long."""


def wire_use(tree: FileTree, scans: Sequence[LayerScan]) -> WireUse:
    """Share out each distinct blob over the contents that lie in it; the rest is overhead.

    Positions in a compressed stream are interpolated between a scan's checkpoints; the shares are
    rounded by largest remainder, so that a blob's are its size exactly.

    Args:
        tree: of all layers merged.
        scans: one a position of the tree.
    """
    positions: dict[Digest, list[int]] = defaultdict(list)
    for position, scan in enumerate(scans):
        positions[blob_key(scan)].append(position)
    parts = [array("Q") for _ in scans]
    dead_of, overhead_of = [0] * len(scans), [0] * len(scans)
    for standing in positions.values():
        first = standing[0]
        scan = scans[first]
        shares, overhead_of[first] = _shares(scan)
        for position, part in zip(standing, _split(tree, standing, shares), strict=True):
            parts[position] = part
            start = tree.bases[position]
            deaths = tree.deaths[start : start + len(part)]
            dead_of[position] = sum(compress(part, deaths))
    wire_of = array("Q")
    for part in parts:
        wire_of += part
    return WireUse(
        wire_of=wire_of,
        dead_of=dead_of,
        overhead_of=overhead_of,
        estimated=any(scan.wire.estimated for scan in scans),
    )


def _split(tree: FileTree, standing: Sequence[int], shares: array[int]) -> list[array[int]]:
    """Give each record's share to one of the positions at which its blob stands."""
    if len(standing) == 1:
        return [shares]
    nothing = array("Q", bytes(8 * len(shares)))
    parts = [nothing[:] for _ in standing]
    starts = [tree.bases[position] for position in standing]
    for entry, share in enumerate(shares):
        if share:
            alive = (
                at for at, start in enumerate(starts) if tree.deaths[start + entry] == Death.ALIVE
            )
            parts[next(alive, 0)][entry] = share
    return parts


def _shares(scan: LayerScan) -> tuple[array[int], int]:
    """Each record's wire bytes, and the bytes that are no content; together the blob's."""
    exact = _interpolated(scan.index, scan.wire_map)
    wire_bytes = scan.wire.wire_bytes
    exact.append(max(0.0, wire_bytes - math.fsum(exact)))
    shares = array("Q", map(int, exact))
    left = wire_bytes - sum(shares)
    if left > 0:
        _round_up(shares, [share % 1.0 for share in exact], left)
    overhead = shares.pop()
    return shares, overhead + min(left, 0)


def _round_up(shares: array[int], remainders: Sequence[float], count: int) -> None:
    """Add one to the shares of the largest remainders; of equal ones to the first."""
    least = sorted(remainders, reverse=True)[count - 1]
    for record, remainder in enumerate(remainders):
        if remainder > least:
            shares[record] += 1
            count -= 1
    record = -1
    for _ in range(count):
        record = remainders.index(least, record + 1)
        shares[record] += 1


def _stored_content(index: LayerIndex) -> Sequence[int]:
    """Content bytes of each record as they lie in the tar; none of markers."""
    sizes, kinds = index.columns.content_bytes, index.columns.kinds
    if not index.rarities.stored_bytes:
        return sizes
    stored = sizes[:]
    for entry, stored_bytes in index.rarities.stored_bytes.items():
        if kinds[entry] == Kind.REGULAR:
            stored[entry] = stored_bytes
    return stored


def _interpolated(index: LayerIndex, wire_map: WireMap) -> list[float]:
    """How much of the blob lies between the beginning and the end of each record's content."""
    ends, slopes = _segments(wire_map)
    columns = index.columns
    shares: list[float] = []
    add = shares.append
    segment = 0
    segment_end, slope = ends[0], slopes[0]
    for offset, header_bytes, length in zip(
        columns.offsets, columns.header_bytes, _stored_content(index), strict=True
    ):
        if not length:
            add(0.0)
            continue
        start = offset + header_bytes
        while start >= segment_end:
            segment += 1
            segment_end, slope = ends[segment], slopes[segment]
        if start + length <= segment_end:
            add(length * slope)
        else:
            add(_across(start, start + length, segment, ends, slopes))
    return shares


def _segments(wire_map: WireMap) -> tuple[list[int], list[float]]:
    """Between each two checkpoints: the tar's end there, and compressed bytes a byte of the tar."""
    ends = [*wire_map.tar_offsets[1:], _BEYOND]
    slopes = [
        (wire_stop - wire_start) / (tar_stop - tar_start) if tar_stop > tar_start else 0.0
        for (tar_start, tar_stop), (wire_start, wire_stop) in zip(
            pairwise(wire_map.tar_offsets), pairwise(wire_map.wire_offsets), strict=True
        )
    ]
    return ends, [*slopes, 0.0]


def _across(
    start: int, stop: int, segment: int, ends: Sequence[int], slopes: Sequence[float]
) -> float:
    """The share of a content that begins in this segment and ends in a later one."""
    share = 0.0
    while ends[segment] < stop:
        share += (ends[segment] - start) * slopes[segment]
        start = ends[segment]
        segment += 1
    return share + (stop - start) * slopes[segment]
