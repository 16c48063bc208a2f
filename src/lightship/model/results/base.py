"""What `inspect` says of the base image and of what lies over it. Sizes are bytes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

How = Literal["given", "annotation", "known", "history"]


class Payload(Struct, frozen=True):
    """The layers over the base. Dead bytes are those born in these layers."""

    layers: int
    wire_bytes: int
    """Distinct blobs of these positions."""
    wire_bytes_estimated: bool
    unpacked_bytes: int
    visible_bytes: int
    dead_bytes: int


class BaseImage(Struct, frozen=True):
    """The base image: the first layers, where it can be told how many they are."""

    name: str | None
    """Foreign text; None where nothing names it."""
    digest: str | None
    """Of its manifest or index, as far as something names it."""
    layers: int
    """How many of the first layers are the base's."""
    how: How
    """What told where the base ends."""
    certain: bool
    """False where it is likely, and not proven."""
    why: str
    """In one sentence."""
    wire_bytes: int
    """Distinct blobs of the base's layers."""
    wire_bytes_estimated: bool
    unpacked_bytes: int
    dead_bytes: int
    """Born in the base's layers; also what the payload made dead."""
    payload: Payload
    pull_with_base_bytes: int
    """What a node pulls that has the base: the payload's blobs that are none of the base's, and
    the config."""
    pull_with_base_estimated: bool
