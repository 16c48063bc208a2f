"""`context show` as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lightship.printable import is_hidden
from lightship.report.context_markdown import context_markdown

from .context_samples import BARE, LEGACY, SHOWN, UNCOUNTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.model.results.context import ContextResult


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("context.md", SHOWN),
        ("context-legacy.md", LEGACY),
        ("context-bare.md", BARE),
        ("context-uncounted.md", UNCOUNTED),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_show(name: str, result: ContextResult, agrees: Callable[[str, str], None]) -> None:
    agrees(name, context_markdown(result))


@given(st.text())
def test_no_name_breaks_out_of_its_cell(name: str) -> None:
    lines = tuple(replace(line, pattern=name) for line in SHOWN.lines)
    uses = tuple(replace(use, instruction=f"COPY {name}") for use in SHOWN.uses)
    findings = tuple(replace(one, message=name, advice=name) for one in SHOWN.findings)
    told = context_markdown(replace(SHOWN, folder=name, lines=lines, uses=uses, findings=findings))
    assert not any(is_hidden(char) for char in told.replace("\n", ""))
    assert told.count("\n") == context_markdown(SHOWN).count("\n")


def test_many_lines_are_cut() -> None:
    lines = tuple(replace(SHOWN.lines[0], line=at, pattern=f"p{at}x") for at in range(1, 100))
    told = context_markdown(replace(SHOWN, lines=lines))
    assert "p20x" in told
    assert "p21x" not in told
    assert "and 79 more" in told
