"""`base suggest` for people: how it is now, the candidates by size, then what speaks against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.base_check_text import ANSWERS, hanging
from lightship.report.paper import Column, Line, Look, Span, Style, table, wrapped
from lightship.report.words import about, counted, warning_lines
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.base_suggest import (
        BaseSuggestResult,
        DockerfileChange,
        Suggested,
    )

_LISTED, _REFUSED, _SEVERAL = 8, 3, 3


def base_suggest_text(result: BaseSuggestResult, look: Look, *, everything: bool = False) -> str:
    """The head, a table of what may run, what speaks against each, the change, and the rest."""
    may = [one for one in result.candidates if one.answer != "will not run"]
    refused = [one for one in result.candidates if one.answer == "will not run"]
    listed = may if everything else may[:_LISTED]
    lines = _head(result, may, look)
    lines += warning_lines(result.warnings, look)
    if listed:
        lines += [[], *_table(listed, look)]
    if len(may) > len(listed):
        lines.append([look.ink(f"    and {len(may) - len(listed)} more: see --all", "dim")])
    lines += _against(listed, look)
    lines += _refused(refused, look, len(refused) if everything else _REFUSED)
    if result.left_out:
        lines += [[], [look.ink("Not judged", "bold")]]
        for sentence in result.left_out:
            lines += hanging(sentence, look, "  ", "dim")
    if result.change is not None:
        lines += _change(result.change, look)
    lines += _next(result, listed, look)
    return look.render(lines)


def total_bytes(one: Suggested) -> int | None:
    """What the whole image weighs; of a Dockerfile without an image the base alone."""
    return one.weight.wire_bytes if one.weight is not None else one.base_wire_bytes


def now_says(result: BaseSuggestResult) -> tuple[str, int | None]:
    """How it is now, and what that weighs on the wire."""
    image, file = result.image, result.dockerfile
    if image is not None:
        base = file.base if file is not None else image.base
        weight = about(image.wire_bytes, estimated=image.wire_bytes_estimated)
        return f"{image.name}: now {weight}{f' on {base}' if base else ''}", image.wire_bytes
    if file is None:
        return "", None
    count = file.base_wire_bytes
    weight = f", {format_bytes(count)}" if count is not None else ""
    return f"{file.path}:{file.line}: now on {file.base}{weight}", count


def _head(result: BaseSuggestResult, may: Sequence[Suggested], look: Look) -> list[Line]:
    says, now = now_says(result)
    smaller = [
        total
        for one in may
        if (total := total_bytes(one)) is not None and now is not None and total < now
    ]
    found = counted(len(may), "candidate")
    if smaller:
        least = about(min(smaller), estimated=result.image is not None)
        found += f", {len(smaller)} of them smaller, down to {least}"
    elif now is not None and may:
        found += ", none of them smaller"
    if may:
        found += f"; {sum(one.answer == 'runs' for one in may) or 'none'} proven to run"
    return [
        *wrapped(f"{says}; {found}", look, "bold"),
        *wrapped(f"{result.needs}. Sizes are compressed.", look, "dim"),
    ]


def _table(rows: Sequence[Suggested], look: Look) -> list[Line]:
    weighed = any(one.weight is not None for one in rows)
    columns = [
        Column("", right=True),
        Column("BASE", flexible=True, keep_end=1.0),
        Column("ANSWER"),
        Column("IMAGE", right=True),
        Column("BASE ALONE", right=True),
        Column("PULL OVER IT", right=True),
    ]
    cells = [_row(number, one, look) for number, one in enumerate(rows, 1)]
    if not weighed:
        columns = [*columns[:3], columns[4]]
        cells = [[*row[:3], row[4]] for row in cells]
    return table(columns, cells, look)


def _row(number: int, one: Suggested, look: Look) -> list[Span]:
    weight = one.weight
    total = weight.wire_bytes if weight is not None else None
    over = "" if weight is None else about(weight.pull_with_base_bytes, estimated=True)
    estimated = weight is not None and weight.wire_bytes_estimated
    return [
        look.ink(str(number), "dim"),
        look.ink(one.base.name, "bold"),
        look.ink(one.answer, ANSWERS[one.answer][1]),
        look.ink("?" if total is None else about(total, estimated=estimated)),
        look.ink("?" if one.base_wire_bytes is None else format_bytes(one.base_wire_bytes)),
        look.ink(over),
    ]


def said_of_several(rows: Sequence[Suggested]) -> dict[str, list[int]]:
    """What speaks against three or more of several bases, with their numbers from 1.

    That is worth one line, and not one each; of two bases it is what speaks against both.
    """
    numbers: dict[str, list[int]] = {}
    for number, one in enumerate(rows, 1):
        for clause in dict.fromkeys(one.said_against):
            numbers.setdefault(clause, []).append(number)
    least = min(_SEVERAL, max(len(rows), 2))
    return {clause: found for clause, found in numbers.items() if len(found) >= least}


def _against(rows: Sequence[Suggested], look: Look) -> list[Line]:
    several = said_of_several(rows)
    lines: list[Line] = []
    for number, one in enumerate(rows, 1):
        own = [clause for clause in one.said_against if clause not in several]
        if own:
            lines += hanging("; ".join(own), look, f"{number:>2}  ")
    for clause, found in several.items():
        whose = "each" if len(found) == len(rows) else ranges(found)
        lines += hanging(clause, look, f" {whose}: ")
    return [[], [look.ink("What speaks against them", "bold")], *lines] if lines else []


def ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers, those in a row as one: `1-3, 5`."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{part[0]}-{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)


def _refused(rows: Sequence[Suggested], look: Look, listed: int) -> list[Line]:
    if not rows:
        return []
    lines: list[Line] = [[], [look.ink(f"Will not run on {counted(len(rows), 'base')}", "dead")]]
    for one in rows[:listed]:
        first = next(reason.says for reason in one.reasons if reason.weight == "blocks")
        lines += hanging(f"{one.base.name}: {first}", look, "  ")
    if len(rows) > listed:
        lines.append([look.ink(f"  and {len(rows) - listed} more: see --all", "dim")])
    return lines


def _change(change: DockerfileChange, look: Look) -> list[Line]:
    lines: list[Line] = [[], [look.ink(f"The change to {change.base}", "bold")]]
    for line in change.diff.rstrip("\n").split("\n") if change.diff else ():
        style: Style = "good" if line.startswith("+") else "dead" if line.startswith("-") else "dim"
        lines.append([look.ink(line, style)])
    for sentence in change.manual:
        lines += hanging(sentence, look, "by hand: ", "warn")
    return lines


def _next(result: BaseSuggestResult, rows: Sequence[Suggested], look: Look) -> list[Line]:
    """How to learn more of one that nobody has looked into: the change's, or else the first."""
    unseen = [one.base.name for one in rows if not one.base.opened]
    if not unseen:
        return []
    best = result.change.base if result.change is not None else None
    name = result.image.reference if result.image is not None else "IMAGE"
    on = best if best in unseen else unseen[0]
    says = f"To look into one: lightship base check {name} --on {on}"
    return [[], *wrapped(says, look, "dim")]
