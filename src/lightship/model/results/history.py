"""What `history` answers."""

from __future__ import annotations

from msgspec import Struct


class HistoryRow(Struct, frozen=True):
    """One history entry, or a layer that no entry speaks of."""

    layer: int | None
    """The layer's position; None for an entry that made no layer."""
    created: str | None
    created_by: str | None
    comment: str | None
    empty_layer: bool
    unpacked_bytes: int
    engine_bytes: int
    """What `docker history` shows as SIZE: distinct inodes, symbolic links with their length."""
    wire_bytes: int | None
    wire_bytes_estimated: bool
    dead_bytes: int
    files: int
    guessed: bool


class HistoryResult(Struct, frozen=True):
    """Schema `lightship.history/1`. Rows newest first, as `docker history` has them."""

    reference: str
    image_id: str | None
    rows: tuple[HistoryRow, ...]
    schema: str = "lightship.history/1"
