"""What a fix saves, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.words import about
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.lint import Saved


def saved(saving: Saved | None) -> str:
    """`214 MB (≈ 74 MB on the wire)`; empty where nothing is saved."""
    if saving is None or not (saving.unpacked_bytes or saving.wire_bytes):
        return ""
    told = about(saving.unpacked_bytes, estimated=saving.estimated)
    if saving.wire_bytes:
        told += f" (≈ {format_bytes(saving.wire_bytes)} on the wire)"
    return told
