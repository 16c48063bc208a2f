"""A Kubernetes node's disk of images, as somebody describes it."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - for who looks at the fields' types
from typing import Literal

from msgspec import Struct

Runtime = Literal["containerd", "cri-o"]

HIGH_PERCENT = 85
"""imageGCHighThresholdPercent."""
LOW_PERCENT = 80
"""imageGCLowThresholdPercent."""
EVICT = "15%"
"""imagefs.available of evictionHard."""
MIN_AGE_SECONDS = 120
"""imageMinimumGCAge."""


class NodeImage(Struct, frozen=True, kw_only=True):
    """An image that the node has.

    Attributes:
        name: foreign text.
        reported_bytes: as the runtime tells the kubelet (`crictl images`): compressed for
            containerd, unpacked for CRI-O.
        last_used: when a container of it last ran; None for never, since the kubelet started.
        first_detected: when the kubelet first saw it; None for when it started, or longer ago.
        in_use: whether a container of it runs.
        pinned: whether the runtime keeps it for ever (the pause image).
    """

    name: str
    reported_bytes: int
    last_used: datetime | None = None
    first_detected: datetime | None = None
    in_use: bool = False
    pinned: bool = False


class Node(Struct, frozen=True, kw_only=True):
    """The disk that holds a node's images, and the kubelet's settings for it.

    Attributes:
        disk_bytes: capacity of the file system with the images (imagefs).
        used_bytes: what of it is used before the pull, by anything.
        high_percent: from this use on, images are collected.
        low_percent: and down to this.
        evict_below_bytes: with less available, the node is under disk pressure.
        min_age_seconds: younger images are left alone.
        max_age_seconds: images unused for longer go in any case; 0 for never.
        runtime: containerd keeps the compressed blobs beside what it unpacked, CRI-O does not.
        has: references of images whose layers the node has.
        images: what is on the node; None where nobody said.
    """

    disk_bytes: int
    used_bytes: int
    high_percent: int = HIGH_PERCENT
    low_percent: int = LOW_PERCENT
    evict_below_bytes: int
    min_age_seconds: int = MIN_AGE_SECONDS
    max_age_seconds: int = 0
    runtime: Runtime = "containerd"
    has: tuple[str, ...] = ()
    images: tuple[NodeImage, ...] | None = None
