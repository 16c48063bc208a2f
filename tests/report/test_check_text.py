"""`check` on a screen: wide, narrow, without colour or without Unicode."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from lightship.model.results.check import Cause
from lightship.printable import is_hidden
from lightship.report.check_text import check_text
from lightship.report.paper import Look

from .gate_samples import ALL, HOSTILE, NOTHING, PASSED, SUBJECT, WIRE, checked, holding

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.model.results.check import CheckResult

_SGR = re.compile(r"\x1b\[[0-9;]*m")
UNREAD = replace(
    checked(WIRE, verdict="warn"), image=replace(SUBJECT, unpacked_bytes=None), baseline="base.json"
)


@pytest.mark.parametrize(
    ("name", "result", "look"),
    [
        ("check-wide.txt", ALL, Look(width=120)),
        ("check-narrow.txt", ALL, Look(width=80)),
        ("check-color.txt", ALL, Look(width=100, color=True, bars=True)),
        ("check-ascii.txt", ALL, Look(width=80, unicode=False, bars=True)),
        ("check-passed.txt", PASSED, Look(width=100)),
        ("check-nothing.txt", NOTHING, Look(width=100)),
        ("check-unread.txt", UNREAD, Look(width=100)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_golden(
    name: str, result: CheckResult, look: Look, agrees: Callable[[str, str], None]
) -> None:
    agrees(name, check_text(result, look))


def test_the_verdict_comes_first_in_words() -> None:
    for result, word in ((ALL, "FAIL"), (PASSED, "PASS"), (UNREAD, "WARN")):
        assert check_text(result, Look()).startswith(word)


def test_one_byte_over_is_told_exactly() -> None:
    text = check_text(checked(WIRE), Look(width=120))
    assert "5,368,709,121 B" in text
    assert "5,368,709,120 B" in text
    assert "-1 B" in text


def test_an_estimate_says_so() -> None:
    wire = replace(WIRE, measured=900_000_000, verdict="pass", headroom=4_468_709_120)
    exact = checked(wire, verdict="pass")
    assert "≈" not in check_text(exact, Look())
    estimated = replace(exact, image=replace(SUBJECT, wire_bytes_estimated=True))
    assert "≈ 900 MB" in check_text(estimated, Look())


@pytest.mark.parametrize("foreign", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("width", [40, 80, 120])
def test_foreign_text_does_nothing_to_a_screen(foreign: str, width: int) -> None:
    text = check_text(holding(foreign), Look(width=width))
    assert not any(is_hidden(char) for char in text if char != "\n")


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_lines_fit(width: int) -> None:
    for line in check_text(ALL, Look(width=width, color=True, bars=True)).splitlines():
        assert cell_len(_SGR.sub("", line)) <= width, line


def test_ascii_is_ascii() -> None:
    assert check_text(holding("é≈…█"), Look(unicode=False, bars=True)).isascii()


def test_who_brought_a_path_is_not_taken_for_who_deleted_it() -> None:
    cause = Cause(
        what="/tmp/x: deleted by layer 3",  # noqa: S108 # a path in an image
        layer=2,
        created_by="RUN make x",
        bytes=1_000_000,
    )
    broken = replace(WIRE, budget="max-dead", verdict="fail", causes=(cause,))
    text = check_text(checked(broken), Look(width=120))
    assert "layer 2  /tmp/x: deleted by layer 3; brought by RUN make x" in text
