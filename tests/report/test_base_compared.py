"""`base list` and `base compare` in text, Markdown and as pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from lightship.report.base_compare_markdown import base_compare_markdown
from lightship.report.base_compare_text import base_compare_text
from lightship.report.base_list_markdown import base_list_markdown
from lightship.report.base_list_text import base_list_text
from lightship.report.html.base_compare_html import base_compare_html
from lightship.report.html.base_list_html import base_list_html
from lightship.report.paper import Look

from .base_compared_samples import COMPARED, HOSTILE, LISTED, MANY, NONE_LISTED

if TYPE_CHECKING:
    from collections.abc import Callable

LOOK = Look(width=80, unicode=True)


def test_a_list_marks_what_is_unknown_stale_and_over() -> None:
    lines = base_list_text(LISTED, LOOK).splitlines()
    assert lines[0] == (
        "3 bases of 90, 1 of them without support any more; linux/amd64, 2026-11-25"
    )
    slim, unknown, old = lines[4:7]
    assert " ".join(slim.split()) == "debian:13-slim 30.0 MB glibc apt sh root 623 d 66 d"
    assert unknown.split()[1:] == ["?"] * 7
    assert " ".join(old.split()) == "debian:10 900 kB* glibc apt sh root ended 1,421 d"
    assert "* stale, as of 2023-01-04: debian:10" in lines
    assert "2 bases left out: their size is not known" in lines


def test_an_empty_list_says_so() -> None:
    assert base_list_text(NONE_LISTED, LOOK) == "no base of 90; linux/amd64, 2026-11-25\n"


def test_a_comparison_has_a_column_for_each_image() -> None:
    text = base_compare_text(COMPARED, LOOK)
    rows = {line[:15].strip(): line[15:].split() for line in text.splitlines()}
    assert rows["wire"] == ["30.0", "MB", "60.0", "MB", "?"]
    assert rows["libc"] == ["glibc", "2.41", "glibc", "2.41", "?"]
    assert rows["compilers"] == ["gcc", "gcc", "?"]
    assert text.startswith("debian.tar is the smallest: 30.0 MB; the biggest is 2.0 times that\n")
    joined = " ".join(text.split())
    assert "at least 7: 1" in joined
    assert "a node with debian.tar pulls ≈ 31.0 MB for other.tar and unpacks 80.0 MB" in joined
    assert "9.00 MB, and 3 more" in joined
    assert "advisories: tracker.json of 2026-11-24" in joined


def test_many_images_have_a_line_each() -> None:
    lines = base_compare_text(MANY, LOOK).splitlines()
    head = next(at for at, line in enumerate(lines) if line.startswith("IMAGE"))
    assert [line.split()[0] for line in lines[head + 1 : head + 3]] == ["debian.tar", "other.tar"]
    assert lines[head + 6] == ""


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize("result", [COMPARED, MANY])
def test_no_line_is_wider_than_the_screen(result: object, width: int) -> None:
    text = base_compare_text(result, Look(width=width))  # type: ignore[arg-type]  # one of two
    assert max(map(cell_len, text.splitlines())) <= max(width, 80)


@pytest.mark.parametrize(
    "made",
    [
        lambda: base_list_text(LISTED, LOOK),
        lambda: base_list_markdown(LISTED),
        lambda: base_list_html(LISTED),
        lambda: base_compare_text(COMPARED, LOOK),
        lambda: base_compare_text(MANY, LOOK),
        lambda: base_compare_markdown(COMPARED),
        lambda: base_compare_html(COMPARED),
    ],
)
def test_foreign_names_are_shown_and_harmless(made: Callable[[], str]) -> None:
    text = made()
    assert "evil" in text
    assert HOSTILE not in text
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("made", [base_list_markdown(LISTED), base_compare_markdown(COMPARED)])
def test_foreign_names_make_no_markup(made: str) -> None:
    assert "<b>" not in made
    widths = {line.count("|") for line in made.splitlines() if line.startswith("|")}
    assert len(widths) == 1
