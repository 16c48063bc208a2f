from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from lightship.model.results.rules import RulePage, RulesResult
from lightship.printable import printable
from lightship.report.explain_text import rule_text, rules_text
from lightship.report.paper import Look

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = """
What it finds, in more than a line of a narrow screen,
which [goes on](other-rule.md) here and at [the docs](https://example.org/docs).
## Why it matters
**Much** costs `much`.

1. first of all, which is a long item that does not fit on one line of a narrow screen
   and goes on
2. then
- a mark

| a | b |
|---|---|
| 1 | 2 |

## What to do

```dockerfile
RUN a && b     # stays as it is, however long it is, for it is to be copied from here
  # not a heading

RUN c
```

## What it cannot see

Nothing.
"""


def page(text: str = PAGE, name: str = "some-rule", **changes: object) -> RulePage:
    fields: dict[str, object] = {
        "name": name,
        "looks_at": "image",
        "title": "Something found",
        "severity": "warning",
        "confidence": "likely",
        "remedy": "remove",
        "quiet_below_bytes": 1_000_000,
        "fixes": (),
        "codes": (),
        "asked": True,
        "advice": "Remove it.",
        "page": text,
    } | changes
    return RulePage(**fields)  # type: ignore[arg-type] # each is of its type


def test_a_page_on_a_screen(agrees: Callable[[str, str], None]) -> None:
    agrees("explain.txt", rule_text(page(), Look(width=72)))


def test_a_page_in_colour(agrees: Callable[[str, str], None]) -> None:
    agrees("explain-color.txt", rule_text(page(), Look(width=72, color=True)))


def test_a_list_on_a_screen(agrees: Callable[[str, str], None]) -> None:
    rules = (
        page(),
        page(name="leaks", severity="error", title="A secret " * 12),
        page(name="i", severity="info"),
    )
    agrees("rules.txt", rules_text(RulesResult(rules), Look(width=60)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "warning from 1.00 MB, else info; likely; to resolve: remove the files"),
        ({"severity": "error", "remedy": "strip"}, "error; likely; to resolve: strip the files"),
        ({"quiet_below_bytes": 0}, "warning; likely; to resolve: remove the files"),
        (
            {"remedy": "change"},
            "warning; likely; to resolve: change a setting, a base or an instruction",
        ),
    ],
)
def test_when_it_is_what(changes: dict[str, object], said: str) -> None:
    assert rule_text(page(**changes), Look()).splitlines()[1] == said  # type: ignore[arg-type]


LINES = st.lists(
    st.sampled_from(
        ["", " ", "```", "  ```x", "# h", "## ", "- a", "1. b", "|c|", "text", "a" * 90]
    )
    | st.text(max_size=20)
)


@settings(deadline=None)
@given(LINES, st.integers(30, 80))
def test_any_page_is_laid_out(lines: list[str], width: int) -> None:
    text = rule_text(page("\n".join(lines)), Look(width=width))
    assert all(line == printable(line) for line in text.splitlines())
    literal = [line for line in text.splitlines() if line.startswith("    ")]
    assert all(cell_len(line) <= width for line in text.splitlines() if line not in literal)
    for word in " ".join(lines).split():
        if word.isalnum() and word.isascii() and len(word) <= 10:
            assert word in text


@given(LINES)
def test_no_two_empty_lines_and_every_fence_ends(lines: list[str]) -> None:
    outside = [line for line in lines if "```" not in line]
    text = rule_text(page("\n".join(outside)), Look(width=72))
    assert "\n\n\n" not in text
    assert text.endswith('    reason = "why it may stay"\n')
