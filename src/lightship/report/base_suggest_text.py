"""`base suggest` for people: how it is now, the candidates by size, then what speaks against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.base_check_text import ANSWERS
from lightship.report.paper import Column, Line, Look, Span, table, wrap, wrapped
from lightship.report.words import about, counted, warning_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.base_suggest import BaseSuggestResult, Suggested

_LISTED, _REFUSED = 10, 3


def base_suggest_text(result: BaseSuggestResult, look: Look, *, everything: bool = False) -> str:
    """The head, a table of what may run, what speaks against each, and the rest in short."""
    may = [one for one in result.candidates if one.answer != "will not run"]
    not_ = [one for one in result.candidates if one.answer == "will not run"]
    listed = len(may) if everything else _LISTED
    lines = _head(result, may, look)
    lines += warning_lines(result.warnings, look)
    if may:
        lines += [[], *_table(may[:listed], look)]
        for number, one in enumerate(may[:listed], 1):
            lines += _against(number, one, look)
    if len(may) > listed:
        lines.append([look.ink(f"and {len(may) - listed} more: see --all", "dim")])
    lines += _refused(not_, look, len(not_) if everything else _REFUSED)
    if result.left_out:
        lines += [[], [look.ink("Not judged", "bold")]]
        for sentence in result.left_out:
            lines += [[look.ink(f"  {piece}", "dim")] for piece in wrap(sentence, look.width - 2)]
    return look.render(lines)


def _head(result: BaseSuggestResult, may: Sequence[Suggested], look: Look) -> list[Line]:
    image = result.image
    now = ""
    if image is not None:
        weight = about(image.wire_bytes, estimated=image.wire_bytes_estimated)
        now = f"{image.name}: now {weight} on the wire"
        now += f" on {image.base}" if image.base else ""
    says = f"{now}; {counted(len(may), 'candidate')}"
    lines = wrapped(says, look, "bold")
    return [*lines, *wrapped(f"{result.needs}.", look, "dim")]


def _table(rows: Sequence[Suggested], look: Look) -> list[Line]:
    columns = [
        Column("", right=True),
        Column("BASE", flexible=True, keep_end=0.5),
        Column("ANSWER"),
        Column("IMAGE", right=True),
        Column("BASE ALONE", right=True),
        Column("PULL OVER IT", right=True),
    ]
    return table(columns, [_row(at, one, look) for at, one in enumerate(rows, 1)], look)


def _row(number: int, one: Suggested, look: Look) -> list[Span]:
    weight = one.weight
    total = weight.wire_bytes if weight is not None else None
    _, style = ANSWERS[one.answer]
    return [
        look.ink(str(number), "dim"),
        look.ink(one.base.name, "bold"),
        look.ink(one.answer, style),
        look.ink("?" if total is None else about(total, estimated=True)),
        look.ink(
            "?" if one.base_wire_bytes is None else about(one.base_wire_bytes, estimated=False)
        ),
        look.ink("" if weight is None else about(weight.pull_with_base_bytes, estimated=True)),
    ]


def _against(number: int, one: Suggested, look: Look) -> list[Line]:
    said = [*one.speaks_against, *(r.says for r in one.reasons if r.weight == "unproven")]
    if not said:
        return []
    lead = f"{number:>2}  "
    first, *rest = wrap(look.ink("; ".join(said)).text, look.width - len(lead))
    return [
        [look.ink(lead, "dim"), look.ink(first)],
        *([Span(" " * len(lead)), look.ink(piece)] for piece in rest),
    ]


def _refused(rows: Sequence[Suggested], look: Look, listed: int) -> list[Line]:
    if not rows:
        return []
    lines: list[Line] = [[], [look.ink(f"Will not run on {counted(len(rows), 'base')}", "dead")]]
    for one in rows[:listed]:
        first = next(r.says for r in one.reasons if r.weight == "blocks")
        lines += [[look.ink(f"  {p}")] for p in wrap(f"{one.base.name}: {first}", look.width - 2)]
    if len(rows) > listed:
        lines.append([look.ink(f"  and {len(rows) - listed} more: see --all", "dim")])
    return lines
