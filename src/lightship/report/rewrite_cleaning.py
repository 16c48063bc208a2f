"""What a rewrite took out, and what it left, for people."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from lightship.printable import printable
from lightship.report.paper import Column, Line, Look, table, wrapped
from lightship.report.words import about, counted
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.model.results.rewrite import Cleaning, Joined, RewriteResult, Sizes

_PACKAGES = 5
_MUST_STAY = 3


def cleaning_lines(result: RewriteResult, look: Look, top: int) -> list[Line]:
    """What went by reason, most bytes first; packages that lost files; what stayed, and why."""
    cleaning = result.cleaning
    if cleaning is None:
        return []
    lines = _by_reason(result, cleaning, look, top)
    for told in _remarks(cleaning, result):
        lines += wrapped(told, look)
    return lines


def _by_reason(result: RewriteResult, cleaning: Cleaning, look: Look, top: int) -> list[Line]:
    if not cleaning.by:
        return []
    rows = [
        [
            look.ink(format_bytes(by.content_bytes)),
            look.ink(about(by.wire_bytes, estimated=True)),
            look.ink(f"{by.names:,}"),
            look.ink(by.rule or "", "bold"),
            look.ink(by.reason),
        ]
        for by in cleaning.by[:top]
    ]
    verb = "went" if result.outcome == "written" else "would go"
    title = look.ink(f"What {verb}", "title")
    hint = look.ink(" (--manifest FILE lists every name)", "dim")
    columns = [
        Column("UNPACKED", right=True),
        Column("WIRE", right=True),
        Column("NAMES", right=True),
        Column("RULE"),
        Column("WHY", flexible=True),
    ]
    lines: list[Line] = [[title, hint], *table(columns, rows, look)]
    if (left := len(cleaning.by) - top) > 0:
        lines.append([look.ink(f"{left:,} more: --top {len(cleaning.by)}", "dim")])
    return lines


def _remarks(cleaning: Cleaning, result: RewriteResult) -> Iterator[str]:
    if not cleaning.by and result.rewrite == "squash":
        yield "Nothing was found that --clean could take out"
    lost = [package for package in cleaning.packages if package.lost]
    if lost:
        told = ", ".join(
            f"{package.name} {'whole' if package.whole else f'{package.lost} of {package.files}'}"
            for package in lost[:_PACKAGES]
        )
        more = f" and {len(lost) - _PACKAGES} more" if len(lost) > _PACKAGES else ""
        yield f"Packages lose files: {told}{more}"
    if cleaning.edited:
        yield f"Rewritten to say so: {', '.join(f'/{path}' for path in cleaning.edited)}"
    if cleaning.joined is not None:
        yield _joined(cleaning.joined)
    if cleaning.base_names:
        names = counted(cleaning.base_names, "name")
        what = f"{names}, {format_bytes(cleaning.base_bytes)}"
        if result.rewrite == "squash":
            yield f"Left in the layers that stay: {what}; a smaller --keep takes them out, too"
        else:
            yield (
                f"Left in the base's layers: {what}; --touch-base takes them out, and ends the"
                " sharing of these layers"
            )
    if result.rewrite == "clean" and result.why is None and _is_much_dead(result.after):
        dead = format_bytes(result.after.dead_bytes or 0)
        yield f"Left: {dead} of dead bytes; lightship squash --clean takes these out, too"
    if cleaning.must_stay_count:
        told = "; ".join(
            f"{', '.join(f'/{printable(one.path)}' for one in alike)} ({reason})"
            for reason, alike in groupby(cleaning.must_stay[:_MUST_STAY], lambda one: one.reason)
        )
        left = cleaning.must_stay_count - min(len(cleaning.must_stay), _MUST_STAY)
        yield f"Left, since they are needed: {told}" + (f"; and {left:,} more" if left else "")


def _is_much_dead(sizes: Sizes) -> bool:
    """A hundredth of all and more."""
    dead = sizes.dead_bytes or 0
    return dead > 0 and 100 * dead >= (sizes.unpacked_bytes or 0)


def _joined(joined: Joined) -> str:
    left = joined.other_facts_bytes + joined.other_layer_bytes + joined.other_place_bytes
    if not joined.names:
        told = "No equal files could become links"
    else:
        told = f"{counted(joined.names, 'name')} became links to equal files"
        told += f" ({format_bytes(joined.content_bytes)} unpacked)"
    return f"{told}; {format_bytes(left)} of copies stay" if left else told
