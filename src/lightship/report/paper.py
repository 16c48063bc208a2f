"""Styled lines and tables: what text reports are made of. Every word on them is printable."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from rich.cells import cell_len

from lightship.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Style = Literal["plain", "bold", "dim", "title", "dead", "good", "warn", "wire"]

_SGR: dict[Style, str] = {
    "bold": "1",
    "dim": "2",
    "title": "1;36",
    "dead": "31",
    "good": "32",
    "warn": "33",
    "wire": "34",
}
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_BREAKS = re.compile(r"(?<![≈~±]) (?!(?:[kMGTPE]?B|%)(?!\w))")
"""Spaces where a line may end: none within a figure."""


class Span(Struct, frozen=True):
    """A stretch of text in one style, already safe for a screen."""

    text: str
    style: Style = "plain"

    @property
    def cells(self) -> int:
        """How many columns of a terminal it takes."""
        return cell_len(self.text)


Line = list[Span]


class Look(Struct, frozen=True):
    """How a screen looks: its width in columns, and what it can show."""

    width: int = 120
    color: bool = False
    unicode: bool = True
    bars: bool = False

    def ink(self, text: str, style: Style = "plain") -> Span:
        """Text, foreign or ours, as a span; the only way to make one."""
        safe = printable(text)
        if not self.unicode:
            safe = _ascii(safe)
        return Span(safe, style)

    def bar(self, part: float, whole: float, cells: int, style: Style = "plain") -> Span:
        """A horizontal bar of `cells` columns, filled as far as part is of whole."""
        if not self.bars or whole <= 0 or cells <= 0:
            return Span("")
        eighths = min(cells * 8, max(round(part / whole * cells * 8), 1 if part > 0 else 0))
        full, rest = divmod(eighths, 8)
        if not self.unicode:
            return Span("#" * (full + (rest >= 4 or (rest > 0 and not full))), style)
        return Span("█" * full + (_EIGHTHS[rest] if rest else ""), style)

    def render(self, lines: Iterable[Line]) -> str:
        """The lines as one text that ends with a line break; coloured if the look is."""
        return "".join(self._rendered(line) + "\n" for line in lines)

    def _rendered(self, line: Line) -> str:
        if not self.color:
            return "".join(span.text for span in line).rstrip()
        parts = list(line)
        while parts and not parts[-1].text.strip():
            parts.pop()
        return "".join(
            f"\x1b[{_SGR[s.style]}m{s.text}\x1b[0m" if s.style in _SGR and s.text else s.text
            for s in parts
        )


def _ascii(text: str) -> str:
    for mark, plain in (("≈", "~"), ("±", "+-"), ("…", "..."), ("→", "->")):
        text = text.replace(mark, plain)
    return text.encode("ascii", "backslashreplace").decode("ascii")


def shorten(text: str, cells: int, *, keep_end: float = 0.0, mark: str = "…") -> str:
    """Cut a text to so many columns; `keep_end` is the share of them that the end gets."""
    if cell_len(text) <= cells:
        return text
    room = cells - cell_len(mark)
    if room <= 0:
        return mark[: max(cells, 0)]
    tail = _fitting(text[::-1], int(room * keep_end))[::-1]
    while cell_len(mark + tail) > cells:
        tail = tail[1:]
    head = _fitting(text, cells - cell_len(mark + tail))
    return head + mark + tail


def _fitting(text: str, cells: int) -> str:
    taken = 0
    for place, char in enumerate(text):
        taken += cell_len(char)
        if taken > cells:
            text = text[:place]
            break
    # A sign may be made wider by the one behind it, which has no width of its own.
    while cell_len(text) > cells:
        text = text[:-1]
    return text


def wrap(text: str, cells: int) -> list[str]:
    """Break a text at spaces into pieces of at most so many columns; long words are cut.

    A figure stays in one line with its unit.
    """
    pieces: list[str] = []
    current = ""
    for word in _BREAKS.split(text):
        joined = f"{current} {word}" if current else word
        if cell_len(joined) <= cells:
            current = joined
            continue
        if current:
            pieces.append(current)
        current = word
        while cell_len(current) > cells:
            piece = _fitting(current, cells) or current[0]
            pieces.append(piece)
            current = current[len(piece) :]
    return [*pieces, current] if current or not pieces else pieces


def wrapped(text: str, look: Look, style: Style = "plain") -> list[Line]:
    """A text, foreign or ours, as lines no wider than the look."""
    return [[look.ink(piece, style)] for piece in wrap(look.ink(text).text, look.width)]


class Column(Struct, frozen=True):
    """One column of a table. `flexible`: it takes what the others leave, and is cut to fit."""

    header: str = ""
    right: bool = False
    flexible: bool = False
    gap: int = 2
    least: int = 0
    """At least so wide."""
    keep_end: float = 0.0


def table(columns: list[Column], rows: list[list[Span]], look: Look, indent: int = 0) -> list[Line]:
    """Rows under their headers, aligned by what the terminal shows and not by characters."""
    return list(long_table(columns, lambda: rows, look, indent))


def long_table(
    columns: list[Column], rows: Callable[[], Iterable[list[Span]]], look: Look, indent: int = 0
) -> Iterator[Line]:
    """As `table`, of rows that are made twice, once for their widths, instead of being held."""
    widths = [max(cell_len(column.header), column.least) for column in columns]
    for row in rows():
        for at, cell in enumerate(row):
            widths[at] = max(widths[at], cell.cells)
    used = indent + sum(w for w, c in zip(widths, columns, strict=True) if not c.flexible)
    gaps = [0 if at == 0 or not widths[at] else c.gap for at, c in enumerate(columns)]
    for at, column in enumerate(columns):
        if column.flexible:
            widths[at] = min(widths[at], max(look.width - used - sum(gaps), 12))
    layout = list(zip(columns, widths, gaps, strict=True))
    if any(column.header for column in columns):
        heads = [look.ink(column.header, "dim") for column in columns]
        yield _row(heads, layout, look, indent)
    for row in rows():
        yield _row(row, layout, look, indent)


def _row(cells: list[Span], layout: list[tuple[Column, int, int]], look: Look, indent: int) -> Line:
    line: Line = [Span(" " * indent)]
    for cell, (column, width, gap) in zip(cells, layout, strict=True):
        mark = "…" if look.unicode else "..."
        text = shorten(cell.text, width, keep_end=column.keep_end, mark=mark)
        padding = " " * (width - cell_len(text))
        before, after = (padding, "") if column.right else ("", padding)
        line += [Span(" " * gap + before), Span(text, cell.style), Span(after)]
    return line
