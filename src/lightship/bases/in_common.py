"""What opened images have in common: files, layers, and what a node pays for one over another."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from lightship.analysis.chains import common_layers
from lightship.model.entry import Kind
from lightship.model.results.base_compare import Pair

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.bases.inside import Inside

Contents = dict[bytes, tuple[bytes, int, int]]
"""Content hash, bytes and inode of each regular file by its path."""


def pairs_of(insides: Mapping[int, Inside]) -> tuple[Pair, ...]:
    """Every pair of images, both ways round.

    Args:
        insides: the images by their numbers.
    """
    contents = {number: _contents(inside) for number, inside in insides.items()}
    return tuple(
        _pair(has, pulls, insides, contents) for has, pulls in permutations(sorted(insides), 2)
    )


def _contents(inside: Inside) -> Contents:
    return {
        entry.path: (entry.content_hash, entry.content_bytes, entry.inode)
        for entry in inside.ledger.tree.walk()
        if entry.kind is Kind.REGULAR
    }


def _pair(
    has: int, pulls: int, insides: Mapping[int, Inside], contents: Mapping[int, Contents]
) -> Pair:
    """As `analysis.node` counts: blobs by themselves, what they unpack to by chains of layers."""
    there, pulled = insides[has], insides[pulls]
    kept = {str(scan.diff_id) for scan in there.scans}
    blobs = {str(scan.digest): scan for scan in pulled.scans if str(scan.diff_id) not in kept}
    shared = common_layers(pulled.diff_ids, there.diff_ids)
    files, count = _common_files(contents[has], contents[pulls])
    return Pair(
        has=has,
        pulls=pulls,
        common_layers=shared,
        common_files=files,
        common_bytes=count,
        pull_wire_bytes=pulled.config_bytes + sum(one.wire.wire_bytes for one in blobs.values()),
        added_unpacked_bytes=sum(one.index.unpacked_bytes for one in pulled.scans[shared:]),
        estimated=any(one.wire.estimated for one in blobs.values()),
    )


def _common_files(ours: Contents, theirs: Contents) -> tuple[int, int]:
    """Names with equal content; the bytes of each inode of the second image once."""
    names = 0
    inodes: dict[int, int] = {}
    for path, (content, count, inode) in theirs.items():
        other = ours.get(path)
        if other is not None and other[:2] == (content, count):
            names += 1
            inodes[inode] = count
    return names, sum(inodes.values())
