"""Turns of phrase that reports share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.paper import wrapped
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.report.paper import Line, Look

_WARNINGS = 3


def counted(count: int, noun: str) -> str:
    """A number with its noun: `1 layer`, `2 layers`, `2 fixes`."""
    many = "es" if noun.endswith("x") else "s"
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}{many}"


def about(count: int, *, estimated: bool) -> str:
    """A size in bytes, with a mark if it is an estimate."""
    return f"≈ {format_bytes(count)}" if estimated else format_bytes(count)


def percent(part: int, whole: int) -> str:
    """A share, whole per cents: `26 %`, and `< 1 %` for what is there but little."""
    if part and part * 100 < whole:
        return "< 1 %"
    return f"{part * 100 // whole} %" if whole else ""


def warning_lines(warnings: Sequence[str], look: Look) -> list[Line]:
    """The first warnings, and how many more there are."""
    lines: list[Line] = []
    for warning in warnings[:_WARNINGS]:
        lines += wrapped(f"warning: {warning}", look, "warn")
    more = len(warnings) - _WARNINGS
    if more > 0:
        lines += wrapped(f"and {counted(more, 'more warning')}: see --format json", look, "warn")
    return lines
