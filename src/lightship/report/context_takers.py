"""Who takes a path of a build context, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def takers_words(takers: Iterable[tuple[str, int]], most: int | None = None) -> str:
    """`COPY in lines 5 and 6, RUN in line 9`.

    Args:
        takers: keyword and line of each, in the order in which they are told.
        most: so many are named and the others counted; None for all.
    """
    each = list(takers)
    lines: dict[str, list[str]] = {}
    for keyword, line in each[:most]:
        lines.setdefault(keyword, []).append(str(line))
    more = len(each) - sum(map(len, lines.values()))
    told = ", ".join(f"{keyword} in {_lines(some)}" for keyword, some in lines.items())
    return f"{told} and {more:,} more" if more else told


def _lines(numbers: list[str]) -> str:
    *first, last = numbers
    return f"lines {', '.join(first)} and {last}" if first else f"line {last}"
