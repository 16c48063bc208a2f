"""Rewrites on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from lightship.printable import is_hidden
from lightship.report.paper import Look
from lightship.report.rewrite_text import rewrite_all_text, rewrite_text

from .gate_samples import HOSTILE
from .rewrite_samples import (
    CLEANED,
    COPIED,
    NOTHING,
    PACKED,
    PLANNED,
    RECOMPRESSED,
    SQUASHED,
    UNSHARED,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.model.results.rewrite import RewriteResult


@pytest.mark.parametrize(
    ("name", "result", "look"),
    [
        ("squashed-100.txt", SQUASHED, Look(width=100)),
        ("squashed-60.txt", SQUASHED, Look(width=60)),
        ("squashed-color.txt", SQUASHED, Look(width=100, color=True)),
        ("squashed-ascii.txt", SQUASHED, Look(width=100, unicode=False)),
        ("squashed-unshared.txt", UNSHARED, Look(width=100)),
        ("squash-planned.txt", PLANNED, Look(width=100)),
        ("squash-nothing.txt", NOTHING, Look(width=100)),
        ("cleaned.txt", CLEANED, Look(width=100)),
        ("recompressed.txt", RECOMPRESSED, Look(width=100)),
        ("copied.txt", COPIED, Look(width=100)),
        ("copied-packed.txt", PACKED, Look(width=100)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_rewrites(
    name: str, result: RewriteResult, look: Look, agrees: Callable[[str, str], None]
) -> None:
    agrees(name, rewrite_text(result, look))


def test_the_first_line_is_the_answer() -> None:
    first = rewrite_text(SQUASHED, Look(width=120)).partition("\n")[0]
    assert first == (
        "squashed docker-archive:app.tar: 9 layers to 5, ≈ 198 MB to 125 MB on the wire (-37 %)"
    )


def test_platforms_stand_below_each_other() -> None:
    text = rewrite_all_text((SQUASHED, replace(SQUASHED, platform="linux/arm64")), Look())
    assert text.count("squashed ") == 2
    assert "linux/arm64" in text


def test_a_list_has_as_many_rows_as_are_asked_for() -> None:
    assert CLEANED.cleaning is not None
    by = tuple(replace(CLEANED.cleaning.by[0], rule=f"rule-{n:02}") for n in range(14))
    text = rewrite_text(replace(CLEANED, cleaning=replace(CLEANED.cleaning, by=by)), Look(), top=4)
    assert "rule-03" in text
    assert "rule-04" not in text
    assert "10 more: --top 14" in text
    layers = tuple(replace(SQUASHED.layers[4], position=n + 1) for n in range(6))
    text = rewrite_text(replace(SQUASHED, layers=layers), Look(), top=4)
    assert "2 more: --top 6" in text


@given(st.sampled_from((*HOSTILE, "a b", "'")), st.integers(40, 130))
def test_what_images_say_breaks_no_screen(text: str, width: int) -> None:
    assert CLEANED.cleaning is not None
    by = (replace(CLEANED.cleaning.by[0], reason=text),)
    hostile = replace(
        CLEANED,
        source=text,
        destination=text,
        notes=(text,),
        cleaning=replace(CLEANED.cleaning, by=by),
    )
    for result in (hostile, replace(hostile, outcome="nothing", why=text)):
        told = rewrite_text(result, Look(width=width))
        assert not any(is_hidden(sign) for sign in told.replace("\n", ""))
        tables = 76  # cells that a table needs, whatever the screen has
        assert all(cell_len(line) <= max(width, tables) for line in told.splitlines())
