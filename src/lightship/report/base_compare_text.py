"""`base compare` for people: facts as rows and images as columns; many images one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from lightship.report.base_check_text import hanging
from lightship.report.base_compare_rows import Cell, in_common, notes, only_here, rows, verdict
from lightship.report.base_facts_words import age, number, size, support_short, word
from lightship.report.paper import Column, Line, Look, Span, table, wrap, wrapped
from lightship.report.words import warning_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.base_compare import BaseCompareResult, Compared

_SIDE_BY_SIDE = 4
_LABEL, _GAP = 15, 2
_LEAST = 12


def base_compare_text(result: BaseCompareResult, look: Look) -> str:
    """The answer, the table, what is in common, what only one has, and the marks."""
    lines: list[Line] = [*wrapped(verdict(result), look, "bold")]
    lines += warning_lines(result.warnings, look)
    side_by_side = len(result.images) <= _SIDE_BY_SIDE
    lines += [[], *(_beside(result, look) if side_by_side else _each(result, look))]
    told = list(in_common(result))
    if told:
        lines += [[], [look.ink("In common, and what a node pays", "bold")]]
        for sentence in told:
            lines += hanging(sentence, look, "  ")
    own = list(only_here(result))
    if own:
        lines += [[], [look.ink("Packages of one alone", "bold")]]
        for name, packages in own:
            lines += hanging(f"{name}: {packages}", look, "  ")
    lines.append([])
    for note in notes(result):
        lines += wrapped(note, look, "dim")
    return look.render(lines)


def _beside(result: BaseCompareResult, look: Look) -> list[Line]:
    count = len(result.images)
    most = max((look.width - _LABEL) // count - _GAP, _LEAST)
    facts = rows(result)
    names = [look.ink(one.name).text for one in result.images]
    widths = [
        min(most, max(cell_len(text) for text in (name, *(row.cells[at].text for row in facts))))
        for at, name in enumerate(names)
    ]
    heads = [Cell(one.name, "bold") for one in result.images]
    lines = _row("", heads, widths, look)
    for row in facts:
        lines += _row(row.label, row.cells, widths, look)
    return lines


def _row(label: str, cells: Sequence[Cell], widths: Sequence[int], look: Look) -> list[Line]:
    """Cells as high as the highest of them."""
    wraps = [wrap(look.ink(cell.text).text, w) for cell, w in zip(cells, widths, strict=True)]
    lines: list[Line] = []
    for at in range(max(map(len, wraps))):
        line: Line = [look.ink((label if at == 0 else "").ljust(_LABEL), "dim")]
        for pieces, cell, width in zip(wraps, cells, widths, strict=True):
            text = pieces[at] if at < len(pieces) else ""
            line.append(Span(" " * _GAP))
            line += [look.ink(text, cell.style), Span(" " * (width - cell_len(text)))]
        lines.append(line)
    return lines


def _each(result: BaseCompareResult, look: Look) -> list[Line]:
    columns = [
        Column("IMAGE", flexible=True, keep_end=0.7),
        Column("WIRE", right=True),
        Column("UNPACKED", right=True),
        Column("PACKAGES", right=True),
        Column("LIBC"),
        Column("SYSTEM"),
        Column("SUPPORT", right=True),
        Column("AGE", right=True),
    ]
    return table(columns, [_line(one, look) for one in result.images], look)


def _line(one: Compared, look: Look) -> list[Span]:
    facts = one.facts
    support, style = support_short(facts)
    return [
        look.ink(one.name, "bold"),
        look.ink(size(facts.wire_bytes)),
        look.ink(size(facts.unpacked_bytes)),
        look.ink(number(facts.packages)),
        look.ink(word(facts.libc)),
        look.ink(word(facts.system)),
        look.ink(support, style),
        look.ink(age(facts)),
    ]
