"""The kubelet's rules for a node's images: when it collects some, and which.

Sources: Kubernetes, pkg/kubelet/images/image_gc_manager.go (GarbageCollect, freeOldImages,
freeSpace, imagesInEvictionOrder, byLastUsedAndDetected), pkg/kubelet/eviction/helpers.go
(imagefs.available deletes all unused images), and "Node-pressure Eviction" of its documentation.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lightship.model.results.node import ImageFate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.model.node import Node, NodeImage
    from lightship.model.results.node import Fate, Reaction, Reason

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
# imageGCHighThresholdPercent of 100 switches collecting off (kubelet.go, StartGarbageCollection).
_OFF = 100


def usage_percent(available_bytes: int, disk_bytes: int) -> int:
    """How full the disk is, as the kubelet computes it: the free share is rounded down first.

    So a disk with 15.9 % free counts as 85 % used.
    """
    return 100 - available_bytes * 100 // disk_bytes


def collects_from(node: Node) -> int | None:
    """The smallest number of used bytes at which images are collected; None if they never are."""
    if node.high_percent == _OFF:
        return None
    # floor(available * 100 / disk) <= 100 - high, so available * 100 < (101 - high) * disk.
    most_available = ((101 - node.high_percent) * node.disk_bytes - 1) // 100
    return max(node.disk_bytes - most_available, 0)


def reaction(node: Node, used_bytes: int) -> Reaction:
    """What the kubelet does at so many used bytes.

    Disk pressure comes first: it is looked for every ten seconds, the percentage every five
    minutes.
    """
    available = _available(node, used_bytes)
    if available < node.evict_below_bytes:
        return "disk_pressure"
    full = usage_percent(available, node.disk_bytes) >= node.high_percent != _OFF
    return "collects" if full else "none"


def wants_to_free(node: Node, used_bytes: int) -> int:
    """How many bytes the kubelet is after at so many used bytes; 0 without a reaction."""
    available = _available(node, used_bytes)
    match reaction(node, used_bytes):
        case "none":
            return 0
        case "collects":
            wanted = node.disk_bytes * (100 - node.low_percent) // 100
            return max(wanted - available, 0)
        case "disk_pressure":
            return node.evict_below_bytes - available


def collect(node: Node, used_bytes: int, now: datetime) -> tuple[ImageFate, ...]:
    """What becomes of each of the node's images, in the order in which they would go.

    The least recently used goes first, of equals the one that was detected first. Sizes do not
    change the order: they only count towards having freed enough. Those that are never taken
    come last.
    """
    ordered = sorted(
        node.images or (),
        key=lambda image: (_or_long_ago(image.last_used), _or_long_ago(image.first_detected)),
    )
    fates, candidates = [], []
    for image in ordered:
        if image.in_use or image.pinned:
            continue
        if _is_stale(image, node, now):
            fates.append(_fate(image, "collected", "unused too long"))
            used_bytes -= image.reported_bytes
        else:
            candidates.append(image)
    fates += _until_enough(candidates, node, used_bytes, now)
    fates += [_fate(image, "kept", "in use") for image in ordered if image.in_use]
    fates += [
        _fate(image, "kept", "pinned") for image in ordered if image.pinned and not image.in_use
    ]
    return tuple(fates)


def _until_enough(
    candidates: Sequence[NodeImage], node: Node, used_bytes: int, now: datetime
) -> Iterator[ImageFate]:
    does, wanted = reaction(node, used_bytes), wants_to_free(node, used_bytes)
    freed, done = 0, does == "none"
    for image in candidates:
        if done:
            yield _fate(image, "kept", "not needed")
        elif _or_long_ago(image.last_used) >= now:
            yield _fate(image, "kept", "used just now")
        elif now - _or_long_ago(image.first_detected) < timedelta(seconds=node.min_age_seconds):
            yield _fate(image, "kept", "too young")
        else:
            pressure = does == "disk_pressure"
            freed += image.reported_bytes
            done = freed >= wanted and not pressure
            yield _fate(image, "collected", "disk pressure" if pressure else "least recently used")


def _is_stale(image: NodeImage, node: Node, now: datetime) -> bool:
    limit = timedelta(seconds=node.max_age_seconds)
    return bool(limit) and now - _or_long_ago(image.last_used) > limit


def _available(node: Node, used_bytes: int) -> int:
    return min(max(node.disk_bytes - used_bytes, 0), node.disk_bytes)


def _or_long_ago(time: datetime | None) -> datetime:
    return time if time is not None else _LONG_AGO


def _fate(image: NodeImage, fate: Fate, why: Reason) -> ImageFate:
    return ImageFate(image.name, image.reported_bytes, fate, why)
