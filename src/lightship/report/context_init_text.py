"""`context init` for people: what was left out and why, and what a build sends then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.paper import Column, Line, Look, table, wrapped
from lightship.report.words import counted, warning_lines
from lightship.units import format_bytes

if TYPE_CHECKING:
    from lightship.model.results.context import Amount, InitResult


def context_init_text(result: InitResult, look: Look) -> str:
    """The report."""
    lines = _head(result, look)
    if result.groups:
        lines += [[], *_groups(result, look)]
    lines += [[], *_sizes(result, look)]
    return look.render(lines + warning_lines(result.notes, look))


def _head(result: InitResult, look: Look) -> list[Line]:
    verb = "written" if result.written else "to write"
    kinds = ", ".join(result.kinds) or "a project of no kind known here"
    place = f"{result.folder.rstrip('/')}/{result.path}" if result.folder != "." else result.path
    count = sum(len(group.patterns) for group in result.groups)
    title = f"{place} {verb}: {counted(count, 'line')}" if count else f"{place}: nothing to add"
    return wrapped(title, look, "title") + wrapped(kinds, look, "dim")


def _groups(result: InitResult, look: Look) -> list[Line]:
    columns = [
        Column("GROUP"),
        Column("LINES", right=True),
        Column("FILES", right=True),
        Column("KEPT OUT", right=True),
        Column("", flexible=True),
    ]
    rows = [
        [
            look.ink(group.title),
            look.ink(f"{len(group.patterns):,}"),
            look.ink(f"{group.amount.files:,}"),
            look.ink(format_bytes(group.amount.content_bytes)),
            look.ink(" ".join(group.patterns), "dim"),
        ]
        for group in result.groups
    ]
    return table(columns, rows, look)


def _sizes(result: InitResult, look: Look) -> list[Line]:
    if result.before == result.after:
        return wrapped(f"A build sends up to {_amount(result.after)}, as before", look, "good")
    told = f"Without these lines a build sends up to {_amount(result.before)}"
    return wrapped(f"{told}, with them up to {_amount(result.after)}", look, "good")


def _amount(amount: Amount) -> str:
    return f"{format_bytes(amount.content_bytes)} in {counted(amount.files, 'file')}"
