"""A pattern in the notation of Python's `re`, where that is as right and not slow.

`re` tries one way after the other: with many gaps in a pattern that takes forever, so such a
pattern has no expression and goes through `automaton` instead.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from lightship.context.expression import Kind
from lightship.context.go_regexp import Step
from lightship.context.go_text import has_invalid_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.context.go_regexp import Item

_MOST_ITEMS = 1000
_MOST_GAPS = 3
_MOST_OF_A_KIND = 2

_WORD = "[0-9A-Za-z_]"
_PLACES = {
    Step.DEPTH: "(?:.*/)?",
    Step.BEGIN: r"\A",
    Step.END: r"\Z",
    Step.EDGE: f"(?:(?<={_WORD})(?!{_WORD})|(?<!{_WORD})(?={_WORD}))",
    Step.NO_EDGE: f"(?:(?<={_WORD})(?={_WORD})|(?<!{_WORD})(?!{_WORD}))",
}
_TIMES = {Step.ONE: "", Step.MAYBE: "?", Step.STAR: "*"}


def of_items(items: Sequence[Item]) -> str | None:
    """For `re.match`, without groups or flags; None if it has too many gaps, or categories."""
    if len(items) > _MOST_ITEMS or any(item.characters.categories for item in items):
        return None
    ways: list[str] = [""]
    gaps: Counter[Step] = Counter()
    for item in items:
        if item.step is Step.DONE:
            ways.append("")
            gaps.clear()
            continue
        ways[-1] += _of_item(item)
        gaps[Step.DEPTH] += item.step is Step.DEPTH
        gaps[Step.STAR] += item.step in (Step.STAR, Step.MAYBE)
        if max(gaps.values()) > _MOST_OF_A_KIND or gaps.total() > _MOST_GAPS:
            return None
    ways.pop()
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"


def _of_item(item: Item) -> str:
    place = _PLACES.get(item.step)
    return place or item.characters.expression + _TIMES[item.step]


def of_literal(kind: Kind, literal: str) -> str | None:
    """For `re.match`, of what begins with, ends with or equals a text.

    None where bytes that are no UTF-8 make letters and bytes differ.
    """
    if has_invalid_bytes(literal) and kind is not Kind.EXACT:
        return None
    if kind is Kind.EXACT:
        return re.escape(literal) + r"\Z"
    if kind is Kind.PREFIX:
        return re.escape(literal)
    if literal.startswith("/"):
        return f"(?:(?s:.*)/)?{re.escape(literal[1:])}\\Z"
    return f"(?s:.*){re.escape(literal)}\\Z"
