"""What pulling an image does to a node's disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.chains import common_layers
from lightship.analysis.kubelet import (
    collect,
    collects_from,
    reaction,
    usage_percent,
    wants_to_free,
)
from lightship.model.results.node import NodeEffect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from lightship.model.node import Node
    from lightship.model.results.inspect import LayerFigures
    from lightship.model.results.node import ImageFate


def node_effect(
    node: Node,
    layers: Sequence[LayerFigures],
    config_bytes: int,
    had: Sequence[Sequence[str]],
    *,
    bandwidth: int,
    now: datetime,
) -> NodeEffect:
    """Say what pulling an image does.

    A runtime keeps what a layer unpacks to under the chain of diff IDs up to it, so it shares
    that with another image only as far as both begin alike. A blob it knows by itself: one that
    it has is not pulled again, wherever it lies.

    Args:
        node: the disk, and the kubelet's settings.
        layers: of the image, oldest first.
        config_bytes: size of the config; 0 without one.
        had: the diff IDs of each image that the node has, oldest first.
        bandwidth: bytes a second.
        now: when the kubelet looks; in UTC.
    """
    blobs = {layer.digest or layer.diff_id: layer for layer in layers}.values()
    known = {diff_id for chain in had for diff_id in chain}
    pulled = [blob for blob in blobs if blob.diff_id not in known]
    repull = config_bytes + sum(blob.wire_bytes for blob in blobs)
    pull = config_bytes + sum(blob.wire_bytes for blob in pulled)
    diff_ids = [layer.diff_id for layer in layers]
    shared = max((common_layers(diff_ids, chain) for chain in had), default=0)
    unpacked = sum(layer.unpacked_bytes for layer in layers[shared:])
    wire = pull if node.runtime == "containerd" else 0
    before, after = node.used_bytes, node.used_bytes + unpacked + wire
    threshold = collects_from(node)
    to_free = wants_to_free(node, after)
    fates = collect(node, after, now) if node.images is not None else None
    freed = _freed(fates)
    return NodeEffect(
        disk_bytes=node.disk_bytes,
        used_before_bytes=before,
        added_bytes=unpacked + wire,
        added_unpacked_bytes=unpacked,
        added_wire_bytes=wire,
        used_after_bytes=after,
        fits=after <= node.disk_bytes,
        used_before_percent=_percent(node, before),
        used_after_percent=_percent(node, after),
        high_percent=node.high_percent,
        low_percent=node.low_percent,
        collects_from_bytes=threshold,
        room_bytes=None if threshold is None else threshold - after,
        pressure_below_available_bytes=node.evict_below_bytes,
        pressure_room_bytes=node.disk_bytes - after - node.evict_below_bytes,
        reaction=reaction(node, after),
        reaction_before=reaction(node, before),
        to_free_bytes=to_free,
        images=fates,
        freed_bytes=freed,
        enough=None if freed is None else freed >= to_free,
        runtime=node.runtime,
        already_wire_bytes=repull - pull,
        pull_bytes=pull,
        pull_seconds=pull / bandwidth,
        repull_bytes=repull,
        repull_seconds=repull / bandwidth,
        bandwidth_bytes_per_second=bandwidth,
        estimated=any(blob.wire_bytes_estimated for blob in blobs),
    )


def _percent(node: Node, used_bytes: int) -> int:
    return usage_percent(max(node.disk_bytes - used_bytes, 0), node.disk_bytes)


def _freed(fates: Sequence[ImageFate] | None) -> int | None:
    if fates is None:
        return None
    return sum(one.reported_bytes for one in fates if one.fate == "collected")
