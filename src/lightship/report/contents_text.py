"""What the visible bytes are, and whose: a part of the first screen, and tables of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from lightship.model.instruction import readable_instruction
from lightship.model.results.contents import REST, PackageShare, Share
from lightship.report.paper import Column, Line, Look, Span, table
from lightship.report.words import about, percent
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.contents import Contents, Dimension

Row: TypeAlias = Share | PackageShare
_SHOWN = 5
_NARROW = 100
BY_HINT = "; --by package tells whose"
_TITLES: dict[Dimension, str] = {
    "package": "By package",
    "category": "By category: what the bytes are",
    "instruction": "By instruction: whose layer holds them",
    "directory": "By directory, two levels deep",
    "type": "By type of file",
}


def contents_lines(contents: Contents, look: Look, hint: str) -> list[Line]:
    """The heaviest categories, and what the others take together."""
    rows = contents.categories
    whole = sum(row.visible_bytes for row in rows)
    if not whole:
        return []
    shown, others = (rows, ()) if len(rows) <= _SHOWN + 1 else (rows[:_SHOWN], rows[_SHOWN:])
    cells = _cells(look, 12 if look.width < _NARROW else 30)
    drawn = [
        [
            look.ink(row.name),
            look.ink(format_bytes(row.visible_bytes)),
            look.bar(row.visible_bytes, whole, cells),
            look.ink(percent(row.visible_bytes, whole), "dim"),
            look.ink(_wire(row.wire_bytes), "dim"),
        ]
        for row in shown
    ]
    if others:
        rest = sum(row.visible_bytes for row in others)
        drawn.append(
            [
                look.ink(f"{len(others)} other kinds", "dim"),
                look.ink(format_bytes(rest), "dim"),
                look.bar(rest, whole, cells, "dim"),
                look.ink(percent(rest, whole), "dim"),
                look.ink(_wire(sum(row.wire_bytes for row in others)), "dim"),
            ]
        )
    columns = [
        Column(flexible=True),
        Column(right=True),
        Column(least=cells),
        Column(right=True),
        Column(right=True),
    ]
    title: Line = [
        look.ink("What the bytes are", "title"),
        look.ink(f" (visible bytes{hint})", "dim"),
    ]
    return [title, *table(columns, drawn, look)]


def dimension_lines(contents: Contents, by: Dimension, look: Look, top: int) -> list[Line]:
    """One dimension as a table: at most `top` rows, and what the others take together."""
    rows = rows_of(contents, by)
    whole = sum(row.visible_bytes for row in rows)
    shown, rest = _first(rows, top)
    columns, drawn = _table(by, shown, whole, look)
    if rest is not None:
        drawn.append(_rest(rest, whole, look, len(columns)))
    lines: list[Line] = [
        [look.ink(_TITLES[by], "title"), look.ink(f" ({_sums(contents, whole)})", "dim")]
    ]
    return lines + table(columns, drawn, look)


def rows_of(contents: Contents, by: Dimension) -> tuple[Row, ...]:
    """The rows of a dimension, the largest first."""
    lists: dict[Dimension, tuple[Row, ...]] = {
        "package": contents.packages,
        "category": contents.categories,
        "instruction": contents.instructions,
        "directory": contents.directories,
        "type": contents.types,
    }
    return lists[by]


def _sums(contents: Contents, whole: int) -> str:
    return f"{format_bytes(whole)} visible, {_wire(contents.wire.live_bytes)}"


def _table(
    by: Dimension, rows: Sequence[Row], whole: int, look: Look
) -> tuple[list[Column], list[list[Span]]]:
    cells = _cells(look, 6 if look.width < _NARROW else 16)
    columns = [
        Column("VISIBLE", right=True),
        Column("", right=True, gap=1),
        Column(gap=1, least=cells),
        Column("WIRE", right=True),
        Column("FILES", right=True),
    ]
    drawn = [
        [
            look.ink(format_bytes(row.visible_bytes)),
            look.ink(percent(row.visible_bytes, whole), "dim"),
            look.bar(row.visible_bytes, whole, cells, "good"),
            look.ink(about(row.wire_bytes, estimated=True)),
            look.ink(f"{row.files:,}"),
        ]
        for row in rows
    ]
    keep_end = 0.6 if by == "directory" else 0.3
    if by == "package":
        columns += [Column("SYSTEM"), Column("LAYER", right=True)]
    elif by == "instruction":
        columns.append(Column("LAYER", right=True))
    columns.append(Column(by.upper(), flexible=True, keep_end=keep_end))
    return columns, [[*line, *_named(row, by, look)] for row, line in zip(rows, drawn, strict=True)]


def _named(row: Row, by: Dimension, look: Look) -> list[Span]:
    """Whose a row is; of a package, its system and its layer first."""
    layer = "" if row.layer is None else str(row.layer)
    if isinstance(row, PackageShare):
        name = f"{row.name} {row.version}" if row.version else row.name
        nobodys = row.system is None
        return [
            look.ink(row.system or "", "dim"),
            look.ink(layer),
            look.ink(name, "dim" if nobodys else "plain"),
        ]
    if by == "instruction":
        return [look.ink(layer), look.ink(readable_instruction(row.name))]
    return [look.ink(row.name)]


class _Rest:
    """What the rows that are not shown take together."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.count = len(rows)
        self.is_open = rows[-1].name == REST
        self.visible_bytes = sum(row.visible_bytes for row in rows)
        self.wire_bytes = sum(row.wire_bytes for row in rows)
        self.files = sum(row.files for row in rows)

    @property
    def words(self) -> str:
        """What the row is called, and how to see more of it."""
        return f"{REST}: --top N" if self.is_open else f"{self.count} more: --top N"


def _first(rows: Sequence[Row], top: int) -> tuple[Sequence[Row], _Rest | None]:
    if len(rows) <= top + 1 and not (rows and rows[-1].name == REST):
        return rows, None
    kept = min(top, len(rows) - 1)
    return rows[:kept], _Rest(rows[kept:])


def _rest(rest: _Rest, whole: int, look: Look, columns: int) -> list[Span]:
    figures = [
        format_bytes(rest.visible_bytes),
        percent(rest.visible_bytes, whole),
        "",
        about(rest.wire_bytes, estimated=True),
        f"{rest.files:,}",
        *[""] * (columns - 6),
        rest.words,
    ]
    return [look.ink(figure, "dim") for figure in figures]


def _wire(count: int) -> str:
    return f"{about(count, estimated=True)} wire"


def _cells(look: Look, cells: int) -> int:
    return cells if look.bars else 0
