"""`base update` for people: how many were refreshed, and what was not, by its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.paper import Line, Look, wrapped
from lightship.report.words import counted, warning_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.model.results.base_update import BaseUpdateResult, State, Updated

_STATES: dict[State, str] = {
    "refreshed": "refreshed",
    "unchanged": "as they were",
    "fresh": "asked for a short time ago",
    "failed": "failed",
    "left": "left for another time",
}
_NAMED = 5


def base_update_text(result: BaseUpdateResult, look: Look) -> str:
    """The sums, then one line a failure, then where it is kept."""
    lines: list[Line] = []
    for what, some in (("base", result.bases), ("product", result.products)):
        if some:
            lines += wrapped(_sum(what, some), look, "bold")
    lines += _failures((*result.bases, *result.products), look)
    lines += _left((*result.bases, *result.products), look)
    lines += warning_lines(result.warnings, look)
    asked = counted(result.requests, "request")
    lines += wrapped(f"{asked}; kept in {result.folder}", look, "dim")
    return look.render(lines)


def _sum(what: str, some: Sequence[Updated]) -> str:
    counts = ((words, sum(one.state == state for one in some)) for state, words in _STATES.items())
    told = ", ".join(f"{count:,} {words}" for words, count in counts if count)
    return f"{counted(len(some), what)}: {told}"


def _failures(some: Iterable[Updated], look: Look) -> list[Line]:
    lines: list[Line] = []
    for one in some:
        if one.state == "failed":
            lines += wrapped(f"{one.name} failed: {one.why}", look, "warn")
    return lines


def _left(some: Iterable[Updated], look: Look) -> list[Line]:
    """By the reason: a server that nobody reaches is told of once."""
    reasons: dict[str, list[str]] = {}
    for one in some:
        if one.state == "left":
            reasons.setdefault(one.why or "", []).append(one.name)
    lines: list[Line] = []
    for why, names in reasons.items():
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        lines += wrapped(f"{', '.join(names[:_NAMED])}{more} left: {why}", look, "warn")
    return lines
