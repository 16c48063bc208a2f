from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from lightship.report.inspect_text import DETAILS_HINT, inspect_all_text, inspect_text
from lightship.report.paper import Look

from .samples import EMPTY, INSPECTED, MB, layer

if TYPE_CHECKING:
    from collections.abc import Callable

PIPED = Look(width=120)
NARROW = Look(width=80, bars=True)
WIDE = Look(width=120, bars=True)
ASCII = Look(width=80, unicode=False, bars=True)


@pytest.mark.parametrize(
    ("name", "look", "detailed"),
    [
        ("inspect-piped.txt", PIPED, False),
        ("inspect-80.txt", NARROW, False),
        ("inspect-120.txt", WIDE, False),
        ("inspect-ascii.txt", ASCII, True),
        ("inspect-details-100.txt", Look(width=100, bars=True), True),
    ],
)
def test_looks_as_agreed(
    name: str, look: Look, detailed: bool, agrees: Callable[[str, str], None]
) -> None:
    agrees(name, inspect_text(INSPECTED, look, detailed=detailed))


def test_an_empty_image_looks_as_agreed(agrees: Callable[[str, str], None]) -> None:
    agrees("inspect-empty.txt", inspect_text(EMPTY, NARROW, detailed=True))


def test_ten_layers_fit_one_screen_that_ends_with_the_three_wins() -> None:
    text = inspect_text(replace(INSPECTED, warnings=()), Look(width=100, bars=True))
    lines = text.splitlines()
    assert len(lines) <= 32
    assert lines[-1].strip() == INSPECTED.wins[2].how
    ranks = [line[:2] for line in lines if line[:2] in {"1.", "2.", "3."}]
    assert ranks == ["1.", "2.", "3."]


@pytest.mark.parametrize("width", [80, 81, 99, 100, 119, 200])
@pytest.mark.parametrize("detailed", [False, True])
def test_nothing_is_wider_than_the_screen(width: int, detailed: bool) -> None:
    text = inspect_text(INSPECTED, Look(width=width, bars=True), detailed=detailed)
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_wide_characters_keep_the_columns_aligned() -> None:
    layers = (
        layer(1, "COPY 写真データ /写真データ写真データ写真データ写真データ写真データ", MB, 1),
        layer(2, "COPY plain /plain", MB, 1),
    )
    text = inspect_text(replace(INSPECTED, layers=layers), NARROW)
    rows = [line for line in text.splitlines() if "COPY" in line and line.startswith(("1", "2"))]
    assert len({cell_len(row.partition("COPY")[0]) for row in rows}) == 1
    assert all(cell_len(row) <= 80 for row in rows)


def test_colour_changes_nothing_but_colour() -> None:
    plain = inspect_text(INSPECTED, WIDE, detailed=True)
    colored = inspect_text(INSPECTED, Look(width=120, bars=True, color=True), detailed=True)
    assert "\x1b[" in colored
    without = re.sub("\x1b\\[[0-9;]*m", "", colored)
    assert [line.rstrip() for line in without.splitlines()] == plain.splitlines()


def test_many_layers_show_the_heaviest_and_sum_the_rest() -> None:
    layers = tuple(layer(at, f"RUN step {at}", at * MB, 1) for at in range(1, 41))
    text = inspect_text(replace(INSPECTED, layers=layers), PIPED, top=5)
    rest = next(line for line in text.splitlines() if "35 smaller layers" in line)
    assert " 630 MB" in rest  # 1 + ... + 35
    assert "RUN step 36" in text
    assert "RUN step 35" not in text
    assert "RUN step 1\n" in inspect_text(
        replace(INSPECTED, layers=layers), PIPED, top=5, detailed=True
    )


def test_lists_say_how_many_rows_they_leave_out() -> None:
    text = inspect_text(INSPECTED, PIPED, top=2, detailed=True)
    assert "1 more: --top 3" in text


def test_details_are_named_where_they_are_left_out() -> None:
    assert DETAILS_HINT in inspect_text(INSPECTED, PIPED)
    assert DETAILS_HINT not in inspect_text(INSPECTED, PIPED, detailed=True)
    assert "--details" not in inspect_text(EMPTY, PIPED)


def test_estimates_are_marked_and_exact_figures_are_not() -> None:
    assert "≈ 860 MB  ± 4.20 MB" in inspect_text(INSPECTED, PIPED)
    exact = replace(INSPECTED.image, wire_bytes_estimated=False, wire_bytes_error=0)
    text = inspect_text(replace(INSPECTED, image=exact), PIPED)
    assert "±" not in text
    assert "≈ 860" not in text


def test_dead_bytes_are_told_by_kind_and_only_the_kinds_there_are() -> None:
    text = inspect_text(INSPECTED, PIPED)
    kinds = (
        "deleted 61.4 MB, overwritten 2.00 MB, metadata copy 96.0 MB, in-layer duplicate 1.00 MB"
    )
    assert kinds in text
    only = replace(INSPECTED.dead, overwritten=0, metadata_copy=0, in_layer_duplicate=0)
    assert "  deleted 61.4 MB\n" in inspect_text(replace(INSPECTED, dead=only), PIPED)


def test_efficiency_is_never_rounded_to_a_whole_that_is_not_there() -> None:
    image = replace(INSPECTED.image, efficiency=0.99999)
    assert "efficiency 99.9 %" in inspect_text(replace(INSPECTED, image=image), PIPED)


def test_what_is_guessed_repeated_or_cached_is_said() -> None:
    layers = (layer(1, "RUN a", MB, 1, guessed=True), layer(2, "RUN a", MB, 1, same_as=1))
    text = inspect_text(replace(INSPECTED, layers=layers, verified="cached"), PIPED)
    assert "? RUN a" in text
    assert "(same as 1) RUN a" in text
    assert "layers known from the cache" in text


def test_more_warnings_than_three_are_counted() -> None:
    warned = replace(INSPECTED, warnings=tuple(f"odd {at}" for at in range(9)))
    text = inspect_text(warned, PIPED)
    assert "warning: odd 2" in text
    assert "odd 3" not in text
    assert "and 6 more warnings: see --format json" in text


def test_platforms_follow_each_other() -> None:
    text = inspect_all_text((INSPECTED, EMPTY), PIPED)
    assert text.index("linux/amd64") < text.index("linux/arm64/v8")
    assert "\n\n\noci:layout:latest\n" in text
