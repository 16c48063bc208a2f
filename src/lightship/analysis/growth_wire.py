"""Wire bytes by directory: each blob's compressed bytes shared out over what it holds.

An estimate: how well each file compresses by itself is not known, so a layer's compressed bytes are
shared out by content bytes. The sums are exact: all shares together are the image's `wire_bytes`.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import compress
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.apportion import apportion
from lightship.filetree.tree import Directory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.analysis.growth_layers import Stack
    from lightship.filetree.tree import FileTree
    from lightship.layers.index import LayerIndex

# What a record weighs beside its content. A header of 512 bytes and its padding compress to about
# 50 bytes, as much as 128 bytes of content at a usual ratio of 2.5.
_RECORD_WEIGHT = 128
_DEAD = b"\0"


class WireShares(Struct, frozen=True):
    """An image's `wire_bytes`, shared out.

    Attributes:
        directories: by the path of the directory that a live record is in; the root is `b""`.
        dead: of records that have no name in the final tree any more, and of whiteouts.
        overhead: the config, and blobs without any record.
    """

    directories: dict[bytes, int]
    dead: int
    overhead: int


def wire_shares(tree: FileTree, stack: Stack) -> WireShares:
    """Share out each distinct blob over the directories its records are in."""
    live = _live_records(tree)
    places: dict[object, list[int]] = defaultdict(list)
    for position, scan in enumerate(stack.scans):
        places[stack.key(scan)].append(position)
    directories: dict[bytes, int] = defaultdict(int)
    dead, overhead = 0, len(stack.config_bytes or b"")
    for positions in places.values():
        scan = stack.scans[positions[0]]
        masks = [live[tree.bases[at] : tree.bases[at] + len(scan.index)] for at in positions]
        weights = _weights(scan.index, masks)
        if not weights:
            overhead += scan.wire.wire_bytes
            continue
        shares = apportion(scan.wire.wire_bytes, list(weights.values()))
        for path, share in zip(weights, shares, strict=True):
            if path == _DEAD:
                dead += share
            else:
                directories[path] += share
    return WireShares(dict(directories), dead, overhead)


def _weights(index: LayerIndex, masks: Sequence[bytearray]) -> dict[bytes, int]:
    """Weight of each directory's live records in byte order of the paths, then of the dead."""
    merged = 0
    for mask in masks:
        merged |= int.from_bytes(mask, "little")
    live = merged.to_bytes(len(index), "little")
    columns = index.columns
    sums: dict[int, int] = defaultdict(int)
    for number, content in compress(
        zip(columns.directories, columns.content_bytes, strict=True), live
    ):
        sums[number] += content + _RECORD_WEIGHT
    whole = index.unpacked_bytes + len(index) * _RECORD_WEIGHT
    weights = {index.directories[number]: weight for number, weight in sums.items()}
    weights = dict(sorted(weights.items()))
    if dead := whole - sum(weights.values()):
        weights[_DEAD] = dead
    return weights


def _live_records(tree: FileTree) -> bytearray:
    """For each record 1 if it made a name of the final tree, or an inode that has one."""
    live = bytearray(len(tree.kinds))
    stack = [tree.root]
    while stack:
        directory = stack.pop()
        if directory.record >= 0:
            live[directory.record] = 1
        for child in directory.children.values():
            if isinstance(child, Directory):
                stack.append(child)
            else:
                live[child] = 1
                if child in tree.inode_of:
                    live[tree.inode_of[child]] = 1
    return live
