"""`context show` and `context why` on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lightship.model.results.context import Amount
from lightship.printable import is_hidden
from lightship.report.context_text import context_text
from lightship.report.context_why_text import why_text
from lightship.report.paper import Look

from .context_samples import BARE, LEGACY, SHOWN, TAKERS, UNCOUNTED, WHY, node

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.model.results.context import ContextResult

WIDE = Look(width=100)


@pytest.mark.parametrize(
    ("name", "result", "look"),
    [
        ("context-100.txt", SHOWN, WIDE),
        ("context-60.txt", SHOWN, Look(width=60)),
        ("context-color.txt", SHOWN, Look(width=110, color=True, bars=True)),
        ("context-ascii.txt", SHOWN, Look(width=100, unicode=False, bars=True)),
        ("context-legacy.txt", LEGACY, WIDE),
        ("context-bare.txt", BARE, WIDE),
        ("context-uncounted.txt", UNCOUNTED, WIDE),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_show(
    name: str, result: ContextResult, look: Look, agrees: Callable[[str, str], None]
) -> None:
    agrees(name, context_text(result, look))


def test_why(agrees: Callable[[str, str], None]) -> None:
    told = [
        why_text(WHY, ".dockerignore", TAKERS, WIDE),
        why_text(WHY, ".dockerignore", None, WIDE),
        why_text(replace(WHY, paths=WHY.paths[2:]), None, None, WIDE),
    ]
    agrees("context-why.txt", "\n".join(told))


def test_a_long_pattern_does_not_widen_the_screen() -> None:
    line = replace(SHOWN.lines[0], pattern="*" * 65_000)
    result = replace(SHOWN, lines=(line,))
    path = replace(WHY.paths[0], pattern=line.pattern)
    text = context_text(result, WIDE) + why_text(replace(WHY, paths=(path,)), "f", None, WIDE)
    assert max(map(len, text.splitlines())) <= 100


def test_all_tells_every_finding() -> None:
    assert "pattern-matches-nothing" not in context_text(SHOWN, WIDE)
    assert "pattern-matches-nothing" in context_text(SHOWN, WIDE, everything=True)


def test_few_rows_keep_the_largest_and_say_how_much_is_hidden() -> None:
    each = [node(f"f{at:03}", 1, sent=Amount(1, at), used=Amount(1, at)) for at in range(200)]
    each.reverse()
    root = node("", 0, kind="directory", sent=Amount(200, 19_900), used=Amount(200, 19_900))
    text = context_text(replace(BARE, tree=(root, *each)), WIDE, top=3)
    assert "├─ f199\n" in text
    assert "f193" not in text
    assert "and 194 more files" in text


@given(st.text(), st.booleans())
def test_no_name_does_anything_to_a_screen(name: str, everything: bool) -> None:
    one = node(f"a/{name}", 1, sent=Amount(1, 5), used=Amount(1, 5))
    lines = tuple(replace(line, pattern=name) for line in SHOWN.lines)
    result = replace(SHOWN, tree=(SHOWN.tree[0], one), lines=lines, folder=name)
    text = context_text(result, WIDE, everything=everything)
    text += why_text(replace(WHY, paths=(replace(WHY.paths[0], path=name),)), name, None, WIDE)
    assert not any(is_hidden(char) for char in text.replace("\n", ""))
