"""`base list` for people: a row for each base, the answer on the first screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.base_facts_words import (
    age,
    shell,
    size,
    stale_notes,
    support_short,
    word,
)
from lightship.report.paper import Column, Line, Look, Span, table, wrapped
from lightship.report.words import counted, warning_lines

if TYPE_CHECKING:
    from lightship.model.results.base_list import BaseListResult, ListedBase

_LISTED = 20
_WIDE = 110


def base_list_text(result: BaseListResult, look: Look, *, everything: bool = False) -> str:
    """The head, the table, and what its marks mean."""
    shown = result.bases if everything else result.bases[:_LISTED]
    lines: list[Line] = [*wrapped(head(result), look, "bold")]
    lines += warning_lines(result.warnings, look)
    if shown:
        lines += [[], *_table(shown, look)]
    more = len(result.bases) - len(shown)
    if more:
        lines.append([look.ink(f"and {more} more: see --all", "dim")])
    notes = [*stale_notes({one.name: one.facts for one in shown}), *explained(result, shown)]
    if notes:
        lines.append([])
    for note in notes:
        lines += wrapped(note, look, "dim")
    return look.render(lines)


def head(result: BaseListResult) -> str:
    """How many there are, and for which platform and day."""
    ended = sum(one.facts.has_ended for one in result.bases)
    found = "no base" if not result.bases else counted(len(result.bases), "base")
    of = "" if len(result.bases) == result.known else f" of {result.known}"
    over = f", {ended} of them without support any more" if ended else ""
    return f"{found}{of}{over}; {result.platform}, {result.today}"


def explained(result: BaseListResult, shown: tuple[ListedBase, ...]) -> list[str]:
    """What the signs in the table mean, and what is missing from it."""
    notes = []
    if any(one.facts.wire_bytes.value is None for one in shown):
        notes.append("? nobody knows; lightship base update asks registries")
    if result.unsized:
        notes.append(f"{counted(result.unsized, 'base')} left out: their size is not known")
    return notes


def _table(bases: tuple[ListedBase, ...], look: Look) -> list[Line]:
    wide = look.width >= _WIDE
    unpacked = any(one.facts.unpacked_bytes.value is not None for one in bases)
    columns = [
        Column("BASE", flexible=True, keep_end=0.7),
        Column("WIRE", right=True),
        Column("UNPACKED", right=True),
        Column("LIBC"),
        Column("MANAGER"),
        Column("SHELL", gap=1),
        Column("USER", gap=1),
        Column("SYSTEM"),
        Column("SUPPORT", right=True),
        Column("AGE", right=True),
    ]
    kept = [True, True, wide and unpacked, True, True, True, True, wide, True, True]
    rows = [
        [cell for cell, keep in zip(_row(one, look), kept, strict=True) if keep] for one in bases
    ]
    return table([c for c, keep in zip(columns, kept, strict=True) if keep], rows, look)


def _row(one: ListedBase, look: Look) -> list[Span]:
    facts = one.facts
    support, style = support_short(facts)
    return [
        look.ink(one.name, "dim" if facts.has_ended else "bold"),
        look.ink(size(facts.wire_bytes)),
        look.ink(size(facts.unpacked_bytes)),
        look.ink(word(facts.libc)),
        look.ink(word(facts.package_manager)),
        look.ink(shell(facts.shell)),
        look.ink(word(facts.user)),
        look.ink(word(facts.system)),
        look.ink(support, style),
        look.ink(age(facts)),
    ]
