"""What `inspect --node` answers. Sizes are bytes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Reaction = Literal["none", "collects", "disk_pressure"]
Fate = Literal["kept", "collected"]
Reason = Literal[
    "in use",
    "pinned",
    "used just now",
    "too young",
    "not needed",
    "unused too long",
    "least recently used",
    "disk pressure",
]
"""Why an image is kept (the first five) or collected."""


class ImageFate(Struct, frozen=True):
    """What becomes of one image that the node has."""

    name: str
    reported_bytes: int
    """As the runtime tells the kubelet; what the kubelet counts as freed."""
    fate: Fate
    why: Reason


class NodeEffect(Struct, frozen=True):
    """What pulling the image does to a node's disk, by the kubelet's rules."""

    disk_bytes: int
    used_before_bytes: int
    added_bytes: int
    """`added_unpacked_bytes` + `added_wire_bytes`."""
    added_unpacked_bytes: int
    """Content of the layers that the node has not unpacked in this order."""
    added_wire_bytes: int
    """Compressed blobs that the runtime keeps beside them."""
    used_after_bytes: int
    """More than `disk_bytes` where the image does not fit."""
    fits: bool
    used_before_percent: int
    """As the kubelet rounds it: 100 - floor(available in per cent)."""
    used_after_percent: int
    high_percent: int
    low_percent: int
    collects_from_bytes: int | None
    """The smallest use at which images are collected; None where that is switched off."""
    room_bytes: int | None
    """From the use after the pull to that; zero or less: it is reached."""
    pressure_below_available_bytes: int
    pressure_room_bytes: int
    """From what is available after the pull down to that; below zero: there is disk pressure."""
    reaction: Reaction
    reaction_before: Reaction
    """What it does already, without this image."""
    to_free_bytes: int
    """How many reported bytes the kubelet wants to free; 0 without a reaction."""
    images: tuple[ImageFate, ...] | None
    """The node's images in the order in which they would go; None where they were not told."""
    freed_bytes: int | None
    """Reported bytes of those collected."""
    enough: bool | None
    """Whether that is at least `to_free_bytes`."""
    runtime: Literal["containerd", "cri-o"]
    already_wire_bytes: int
    """Blobs that the node has, and does not pull."""
    pull_bytes: int
    """What this pull downloads."""
    pull_seconds: float
    repull_bytes: int
    """What it downloads again once the image, and with it all its layers, was collected."""
    repull_seconds: float
    bandwidth_bytes_per_second: int
    estimated: bool
    """Whether a wire size in these figures is an estimate."""
