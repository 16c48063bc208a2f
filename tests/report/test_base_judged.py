"""`base check` and `base suggest` on a screen and as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from lightship.printable import is_hidden
from lightship.report.base_check_markdown import base_check_markdown
from lightship.report.base_check_text import base_check_text
from lightship.report.base_suggest_markdown import base_suggest_markdown
from lightship.report.base_suggest_text import base_suggest_text
from lightship.report.paper import Look

from .base_samples import (
    BLOCKS,
    BY_FILE,
    FIRST,
    NO_CANDIDATE,
    OWN,
    REFUSED,
    RUNS,
    SECOND,
    SUGGESTED,
    THIRD,
)
from .gate_samples import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.model.results.base_check import BaseCheckResult
    from lightship.model.results.base_suggest import BaseSuggestResult


@pytest.mark.parametrize(
    ("name", "result", "look"),
    [
        ("base-check-runs.txt", RUNS, Look(width=80)),
        ("base-check-refused.txt", REFUSED, Look(width=80)),
        ("base-check-color.txt", REFUSED, Look(width=80, color=True)),
        ("base-check-own.txt", OWN, Look(width=80)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_checks(
    name: str, result: BaseCheckResult, look: Look, agrees: Callable[[str, str], None]
) -> None:
    agrees(name, base_check_text(result, look))


@pytest.mark.parametrize(
    ("name", "result", "look"),
    [
        ("base-suggest.txt", SUGGESTED, Look(width=80)),
        ("base-suggest-color.txt", SUGGESTED, Look(width=80, color=True)),
        ("base-suggest-dockerfile.txt", BY_FILE, Look(width=80)),
        ("base-suggest-nothing.txt", NO_CANDIDATE, Look(width=80)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_suggestions(
    name: str, result: BaseSuggestResult, look: Look, agrees: Callable[[str, str], None]
) -> None:
    agrees(name, base_suggest_text(result, look))


def test_markdown(agrees: Callable[[str, str], None]) -> None:
    agrees("base-check.md", base_check_markdown(REFUSED))
    agrees("base-suggest.md", base_suggest_markdown(replace(BY_FILE, candidates=(SECOND, THIRD))))


def test_the_first_word_is_the_answer() -> None:
    assert base_check_text(RUNS, Look()).startswith("RUNS  ")
    assert base_check_text(REFUSED, Look()).startswith("WILL NOT RUN  ")
    untested = replace(REFUSED, answer="needs a test")
    assert base_check_text(untested, Look()).startswith("NEEDS A TEST  ")


def test_reasons_that_are_cut_are_counted() -> None:
    many = tuple(replace(BLOCKS, path=f"app/{number:02}") for number in range(12))
    text = base_check_text(replace(REFUSED, reasons=many), Look(), listed=4)
    assert "app/03" in text
    assert "app/04" not in text
    assert "and 8 more reasons: see --all" in text


def test_what_speaks_against_each_candidate_is_said_once() -> None:
    twice = replace(SUGGESTED, candidates=(SECOND, replace(SECOND, base=FIRST.base)))
    text = base_suggest_text(twice, Look())
    assert text.count("support of Python 3.12 ends") == 1
    assert base_suggest_text(SUGGESTED, Look()).count("support of Python 3.12 ends") == 1


def test_what_speaks_against_several_is_said_of_their_numbers() -> None:
    rows = (FIRST, SECOND, SECOND, SECOND, FIRST, SECOND)
    text = base_suggest_text(replace(SUGGESTED, candidates=rows), Look())
    assert " 2-4, 6: support of Python 3.12 ends on 2028-10-31" in text
    assert " 1  bring along: the account app is not there" in text
    assert " 5  bring along: the account app is not there" in text


def test_candidates_that_are_cut_are_counted() -> None:
    many = replace(SUGGESTED, candidates=(FIRST,) * 20 + (THIRD,) * 9)
    text = base_suggest_text(many, Look())
    assert "and 12 more: see --all" in text
    assert "and 6 more: see --all" in text
    assert "see --all" not in base_suggest_text(many, Look(), everything=True)


@given(st.sampled_from(HOSTILE), st.integers(40, 130))
def test_what_images_say_breaks_no_screen(text: str, width: int) -> None:
    reason = replace(BLOCKS, says=text, path=text, evidence=(text,), kind="loader")
    check = replace(
        REFUSED,
        image=replace(REFUSED.image, name=text),
        on=replace(FIRST.base, name=text),
        reasons=(reason, replace(reason, weight="carry", todo=text)),
        instructions=(text,),
        warnings=(text,),
    )
    suggest = replace(
        SUGGESTED,
        image=check.image,
        candidates=tuple(
            replace(one, base=replace(one.base, name=text), reasons=(reason,), speaks_against=())
            for one in SUGGESTED.candidates
        ),
        warnings=(text,),
    )
    for told in (
        base_check_text(check, Look(width=width)),
        base_suggest_text(suggest, Look(width=width)),
        base_check_markdown(check),
        base_suggest_markdown(suggest),
    ):
        assert not any(is_hidden(sign) for sign in told.replace("\n", ""))
    tables = 84  # cells that a table needs, whatever the screen has
    for told in (
        base_suggest_text(replace(suggest, change=None), Look(width=width)),
        base_check_text(replace(check, instructions=()), Look(width=width)),
    ):
        assert all(cell_len(line) <= max(width, tables) for line in told.splitlines())


@given(st.sampled_from(HOSTILE))
def test_what_images_say_forms_no_markdown(text: str) -> None:
    check = base_check_markdown(
        replace(REFUSED, warnings=(text,), reasons=(replace(BLOCKS, says=text),))
    )
    for mark in ("<script", "<!--", "](http", "@team/all node", "\n::error", "\n# heading"):
        assert mark not in check
