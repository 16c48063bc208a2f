"""`lint` and `fix` on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lightship.printable import is_hidden
from lightship.report.fix_text import fix_diff, fix_text
from lightship.report.lint_text import headline, lint_text
from lightship.report.paper import Look
from lightship.report.saved_words import saved

from .gate_samples import HOSTILE
from .lint_samples import (
    BASE,
    DIFF,
    ESTIMATED,
    FIXED,
    FOUND,
    LISTS,
    NOTHING,
    NOTHING_FIXED,
    UNUSED,
    fixed,
    linted,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.model.results.fix import FixResult
    from lightship.model.results.lint import LintResult

WRITTEN = replace(FIXED, files=(replace(FIXED.files[0], written=True), *FIXED.files[1:]))


@pytest.mark.parametrize(
    ("name", "result", "look"),
    [
        ("lint-100.txt", FOUND, Look(width=100)),
        ("lint-60.txt", FOUND, Look(width=60)),
        ("lint-color.txt", FOUND, Look(width=100, color=True)),
        ("lint-ascii.txt", FOUND, Look(width=100, unicode=False)),
        ("lint-nothing.txt", NOTHING, Look(width=100)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_lint(
    name: str, result: LintResult, look: Look, agrees: Callable[[str, str], None]
) -> None:
    agrees(name, lint_text(result, look))


@pytest.mark.parametrize(
    ("name", "result", "look"),
    [
        ("fix-100.txt", FIXED, Look(width=100)),
        ("fix-60.txt", FIXED, Look(width=60)),
        ("fix-color.txt", FIXED, Look(width=100, color=True)),
        ("fix-written.txt", WRITTEN, Look(width=100)),
        ("fix-nothing.txt", NOTHING_FIXED, Look(width=100)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_fix(name: str, result: FixResult, look: Look, agrees: Callable[[str, str], None]) -> None:
    agrees(name, fix_text(result, look))


def test_what_is_suppressed_is_shown_if_asked_for() -> None:
    assert "suppressed: built with --target" in lint_text(FOUND, Look(), suppressed=True)
    assert "--all shows 1 suppressed" in lint_text(FOUND, Look())


def test_an_estimate_says_how_to_measure() -> None:
    estimated = replace(FOUND, image=None)
    assert "--image IMAGE measures it" in lint_text(estimated, Look())
    assert "--image" not in lint_text(FOUND, Look())


def test_what_cannot_be_fixed_in_this_file_is_not_promised() -> None:
    result = replace(FOUND, findings=(replace(LISTS, unfixed="it looks like a template"),))
    text = lint_text(result, Look())
    assert "No fix: it looks like a template." in text
    assert "lightship fix" not in text


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ((UNUSED,), "1 info in 1 of 3 files"),
        ((LISTS, LISTS), "2 warnings in 1 of 3 files"),
        ((LISTS, UNUSED, replace(BASE, path="web/Dockerfile")), "2 warnings, 1 info in 3 files"),
    ],
)
def test_the_headline_counts(findings: tuple[object, ...], said: str) -> None:
    result = replace(FOUND, findings=findings, saving=None)
    assert headline(result) == said


def test_savings_in_words() -> None:
    assert saved(None) == ""
    assert saved(replace(ESTIMATED, unpacked_bytes=0, wire_bytes=None)) == ""
    assert saved(ESTIMATED) == "≈ 21.0 MB (≈ 18.0 MB on the wire)"
    assert saved(replace(ESTIMATED, estimated=False, wire_bytes=None)) == "21.0 MB"


def test_the_diffs_alone() -> None:
    assert fix_diff(FIXED) == DIFF
    assert fix_diff(NOTHING_FIXED) == ""


def test_the_text_holds_the_diff_as_it_is() -> None:
    assert f"\n{DIFF}" in fix_text(FIXED, Look())


def test_carriage_returns_do_not_show() -> None:
    files = (replace(FIXED.files[0], diff=DIFF.replace("\n", "\r\n")),)
    assert "\\x0d" not in fix_text(replace(FIXED, files=files), Look())


@pytest.mark.parametrize("foreign", HOSTILE, ids=range(len(HOSTILE)))
def test_foreign_text_does_nothing_to_a_screen(foreign: str) -> None:
    check_all(foreign, Look(width=40))


@given(st.text(max_size=30), st.integers(40, 120), st.booleans())
def test_no_text_does(text: str, width: int, unicode: bool) -> None:
    check_all(text, Look(width=width, unicode=unicode))


def check_all(text: str, look: Look) -> None:
    for shown in (lint_text(linted(text), look, suppressed=True), fix_text(fixed(text), look)):
        assert not any(is_hidden(char) for char in shown.replace("\n", ""))
        assert look.unicode or shown.isascii()
