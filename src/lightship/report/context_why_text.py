"""`context why` for people: a line for each path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.context_takers import takers_words
from lightship.report.paper import Column, Look, Span, Style, shorten, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.context import ContextPath, WhyResult

    Takers = Sequence[Sequence[tuple[str, int]]]


def why_text(
    result: WhyResult,
    ignore_file: str | None,
    takers: Takers | None,
    look: Look,
    notes: Sequence[str] = (),
) -> str:
    """What becomes of each path, and why.

    Args:
        result: the lines that decide.
        ignore_file: its name; None without one.
        takers: for each path keyword and line of those instructions that take it; None where
            all that is not ignored is sent.
        look: of the screen.
        notes: for each path what else there is to say; empty for nothing.
    """
    rows = []
    for at, one in enumerate(result.paths):
        taken = takers[at] if takers is not None else None
        rows.append(_row(one, ignore_file, taken, notes[at] if notes else "", look))
    columns = [Column(), Column(flexible=True, keep_end=0.5), Column(), Column()]
    return look.render(table(columns, rows, look))


def _row(
    one: ContextPath,
    ignore_file: str | None,
    takers: Sequence[tuple[str, int]] | None,
    note: str,
    look: Look,
) -> list[Span]:
    state: tuple[str, Style]
    if one.ignored:
        state, told = ("ignored", "dim"), ""
    elif takers is not None and not takers:
        state, told = ("not taken", "warn"), "no COPY or ADD takes it"
    else:
        state = ("sent", "good")
        told = takers_words(takers or ())
    if one.line is not None:
        place, pattern = f"{ignore_file}:{one.line}", one.pattern or ""
    else:
        place, pattern = ("no line matches" if ignore_file else "no .dockerignore"), ""
    mark = "…" if look.unicode else "..."
    shown = shorten(look.ink(pattern).text, max(look.width // 3, 12), mark=mark)
    said = "; ".join(filter(None, (shown, told, note)))
    return [look.ink(*state), look.ink(one.path, "bold"), look.ink(place), look.ink(said, "dim")]
