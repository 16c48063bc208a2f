"""`context show` and `context why` on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lightship.model.results.context import Amount
from lightship.printable import is_hidden
from lightship.report.context_takers import takers_words
from lightship.report.context_text import context_text
from lightship.report.context_why_text import why_text
from lightship.report.paper import Look

from .context_samples import BARE, LEGACY, SHOWN, TAKERS, UNCOUNTED, WHY, node

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.model.results.context import ContextNode, ContextResult

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


def _hooks() -> ContextResult:
    """A megabyte: a history with forty small hooks, a small folder, and one that is ignored."""

    def sent(
        path: str, depth: int, size: int, *, count: int = 1, kind: str = "file"
    ) -> ContextNode:
        amount = Amount(count, size)
        return node(path, depth, kind=kind, sent=amount, used=amount)

    tree = (
        node("", 0, kind="directory", sent=Amount(83, 1_000_000), used=Amount(83, 1_000_000)),
        sent(".git", 1, 940_000, count=41, kind="directory"),
        sent(".git/pack", 2, 900_000),
        sent(".git/hooks", 2, 40_000, count=40, kind="directory"),
        *(sent(f".git/hooks/h{at}", 3, 1_000) for at in range(40)),
        sent("conf", 1, 41_000, count=40, kind="directory"),
        sent("conf/.env", 2, 30),
        *(sent(f"conf/c{at}", 2, 1_000) for at in range(41)),
        node("tmp", 1, kind="directory", ignored=Amount(1, 1), line=1),
        sent("a", 1, 30),
    )
    return replace(SHOWN, tree=tree, findings=())


def test_rows_go_where_the_bytes_are() -> None:
    text = context_text(_hooks(), WIDE)
    assert "├─ pack" in text
    assert "hooks/" in text
    assert "h1" not in text
    assert "conf/" in text
    assert ".env" not in text
    assert "tmp/" in text
    assert "└─ a\n" in text, "one row is not folded"


def test_what_a_finding_points_at_is_shown_however_small() -> None:
    result = _hooks()
    finding = replace(SHOWN.findings[0], paths=("conf/.env",))
    told = context_text(replace(result, findings=(finding,)), WIDE)
    assert "├─ .env" in told
    assert "and 41 more files" in told
    info = replace(finding, severity="info")
    assert ".env" not in context_text(replace(result, findings=(info,)), WIDE)


def test_all_shows_every_row() -> None:
    text = context_text(_hooks(), WIDE, everything=True)
    assert "─ h39" in text
    assert " more file" not in text


@pytest.mark.parametrize(
    ("takers", "most", "words"),
    [
        ([], None, ""),
        ([("COPY", 5)], None, "COPY in line 5"),
        ([("COPY", 5), ("COPY", 6)], None, "COPY in lines 5 and 6"),
        ([("COPY", 1), ("ADD", 2), ("COPY", 3)], None, "COPY in lines 1 and 3, ADD in line 2"),
        ([("COPY", at) for at in range(9)], 3, "COPY in lines 0, 1 and 2 and 6 more"),
    ],
)
def test_takers(takers: list[tuple[str, int]], most: int | None, words: str) -> None:
    assert takers_words(takers, most) == words


@given(st.text(), st.booleans())
def test_no_name_does_anything_to_a_screen(name: str, everything: bool) -> None:
    one = node(f"a/{name}", 1, sent=Amount(1, 5), used=Amount(1, 5))
    lines = tuple(replace(line, pattern=name) for line in SHOWN.lines)
    result = replace(SHOWN, tree=(SHOWN.tree[0], one), lines=lines, folder=name)
    text = context_text(result, WIDE, everything=everything)
    text += why_text(replace(WHY, paths=(replace(WHY.paths[0], path=name),)), name, None, WIDE)
    assert not any(is_hidden(char) for char in text.replace("\n", ""))
