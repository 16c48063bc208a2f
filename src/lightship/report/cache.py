"""What the cache holds, for people and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.json import document_json
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.report.paper import Look


def cache_text(path: str, entries: int, stored_bytes: int, limit_bytes: int, look: Look) -> str:
    """Two lines: where, and how much of how much."""
    layers = "1 layer" if entries == 1 else f"{entries:,} layers"
    held = f"{layers}, {format_bytes(stored_bytes)} stored of {format_bytes(limit_bytes)} at most"
    return look.render([[look.ink(path, "title")], [look.ink(held)]])


def cache_json(path: str, entries: int, stored_bytes: int, limit_bytes: int) -> str:
    """Schema `lightship.cache/1`."""
    return document_json(
        {
            "schema": "lightship.cache/1",
            "path": path,
            "entries": entries,
            "stored_bytes": stored_bytes,
            "limit_bytes": limit_bytes,
        }
    )
