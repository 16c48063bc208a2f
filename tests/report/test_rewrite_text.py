"""Rewrites on a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from lightship.model.results.rewrite import Cleaning, MustStay
from lightship.printable import is_hidden
from lightship.report.paper import Look, wrap
from lightship.report.rewrite_text import rewrite_all_text, rewrite_text
from lightship.units import format_bytes

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


def test_a_plan_of_recompressing_blobs_tells_no_size_that_nobody_knows() -> None:
    planned = replace(RECOMPRESSED, outcome="planned", destination=None, proof=None)
    text = rewrite_text(planned, Look(width=200))
    assert text.startswith(
        "recompress docker-archive:app.tar, planned: 5 layers, at most 198 MB on the wire\n"
    )
    assert "AFTER" not in text
    plain = replace(planned, before=replace(planned.before, wire_bytes_estimated=True))
    assert "AFTER" in rewrite_text(plain, Look(width=200))


def test_a_clean_that_finds_nothing_names_what_squash_takes_out() -> None:
    nothing = replace(CLEANED, why="nothing was found that could go", cleaning=None, proof=None)
    dead = nothing.before.dead_bytes
    assert dead
    told = f"{format_bytes(dead)} are dead bytes: lightship squash docker-archive:app.tar --plan"
    for outcome in ("planned", "nothing"):
        assert told in rewrite_text(replace(nothing, outcome=outcome), Look(width=200))
    clear = replace(nothing, outcome="planned", before=replace(nothing.before, dead_bytes=0))
    assert "squash" not in rewrite_text(clear, Look(width=200))


def test_a_reason_stands_once_behind_all_names_that_stay_for_it() -> None:
    assert CLEANED.cleaning is not None
    stay = [MustStay(path=path, reason=reason) for path, reason in (("a", "x"), ("b", "x"))]
    stay.append(MustStay(path="c", reason="y"))
    cleaning = replace(CLEANED.cleaning, must_stay=tuple(stay), must_stay_count=4)
    text = rewrite_text(replace(CLEANED, cleaning=cleaning), Look(width=200))
    assert "Left, since they are needed: /a, /b (x); /c (y); and 1 more" in text


def test_a_squash_that_cleans_says_if_there_was_nothing_to_clean() -> None:
    told = "Nothing was found that --clean could take out"
    assert told in rewrite_text(replace(SQUASHED, cleaning=Cleaning(by=())), Look())
    assert told not in rewrite_text(SQUASHED, Look())


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


def test_dead_bytes_that_a_clean_leaves_are_told_where_they_matter() -> None:
    left = "Left: 10.0 kB of dead bytes; lightship squash --clean takes these out, too"
    for dead, unpacked, told in ((10_000, 1_000_000, 1), (9_999, 1_000_000, 0), (0, 0, 0)):
        after = replace(CLEANED.after, dead_bytes=dead, unpacked_bytes=unpacked)
        assert rewrite_text(replace(CLEANED, after=after), Look()).count(left) == told


@pytest.mark.parametrize("width", range(20, 60))
def test_a_figure_stays_in_one_line_with_its_unit(width: int) -> None:
    text = "a node that has the base pulls ≈ 92.6 MB (± 1.06 MB), which is (-23 %) of 353 MB in all"
    pieces = wrap(text, width)
    assert " ".join(pieces) == text
    assert not any(piece.endswith(("≈", "±", "92.6", "1.06", "-23", "353")) for piece in pieces)
