from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from lightship.model.results.contents import Dimension
from lightship.report.contents_text import rows_of
from lightship.report.inspect_text import inspect_text
from lightship.report.paper import Look

from .contents_samples import EXPLAINED, VISIBLE, contents, share
from .samples import INSPECTED, MB, layer

if TYPE_CHECKING:
    from collections.abc import Callable

NARROW = Look(width=80, bars=True)
WIDE = Look(width=120, bars=True)
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)


@pytest.mark.parametrize(
    ("name", "look"),
    [
        ("explained-80.txt", NARROW),
        ("explained-120.txt", WIDE),
        ("explained-ascii.txt", Look(width=80, unicode=False, bars=True)),
    ],
)
def test_the_first_screen_looks_as_agreed(
    name: str, look: Look, agrees: Callable[[str, str], None]
) -> None:
    agrees(name, inspect_text(EXPLAINED, look))


def test_every_dimension_looks_as_agreed(agrees: Callable[[str, str], None]) -> None:
    texts = [inspect_text(EXPLAINED, NARROW, by=by, top=4) for by in DIMENSIONS]
    agrees("explained-by-80.txt", "\n".join(texts))


@pytest.mark.parametrize("layers", [0, 1, 3, 9, 40, 126])
@pytest.mark.parametrize("warnings", [0, 1, 50])
def test_it_is_one_screen_whatever_there_is(layers: int, warnings: int) -> None:
    many = replace(
        EXPLAINED,
        layers=tuple(layer(at, f"RUN step {at}", at * MB, 1) for at in range(1, layers + 1)),
        warnings=tuple(f"odd {at}" for at in range(warnings)),
        findings=EXPLAINED.findings[1:3] * 50,
    )
    lines = inspect_text(many, NARROW).splitlines()
    # A base, what is dead in four ways and four warnings: as long as it gets.
    assert len(lines) <= 40 + max(0, min(warnings, 4) - 1)
    if layers:
        assert sum("RUN step" in line for line in lines) >= min(layers, 3)


def test_more_than_a_screen_is_shown_to_who_asks() -> None:
    layers = tuple(layer(at, f"RUN step {at}", at * MB, 1) for at in range(1, 31))
    many = replace(EXPLAINED, layers=layers)
    assert inspect_text(many, NARROW, top=30).count("RUN step") == 30
    assert inspect_text(many, NARROW, detailed=True).count("RUN step") == 30


def test_the_heaviest_kinds_are_shown_and_the_others_counted() -> None:
    text = inspect_text(EXPLAINED, NARROW)
    assert "model weights " in text
    assert "interpreter and standard library " in text
    assert "5 other kinds " in text
    assert "documentation" not in text
    few = replace(contents(), categories=contents().categories[:6])
    shown = inspect_text(replace(EXPLAINED, contents=few), NARROW)
    assert "documentation " in shown
    assert "other kinds" not in shown


def test_what_could_not_be_read_is_a_warning() -> None:
    assert "warning: /var/lib/rpm/rpmdb.sqlite: the database is cut short" in inspect_text(
        EXPLAINED, NARROW
    )


def test_an_image_without_files_has_no_kinds() -> None:
    empty = replace(contents(), categories=())
    text = inspect_text(replace(EXPLAINED, contents=empty), NARROW)
    assert "What the bytes are" not in text
    assert "What to act on" in text


def test_who_did_not_ask_for_contents_is_told_what_would_win() -> None:
    text = inspect_text(INSPECTED, NARROW)
    assert "What would win most" in text
    assert "removable" not in text
    assert "What would win most" not in inspect_text(EXPLAINED, NARROW)


@pytest.mark.parametrize("by", DIMENSIONS)
@pytest.mark.parametrize("top", [1, 2, 3, 50])
def test_a_table_adds_up_and_says_what_it_leaves_out(by: Dimension, top: int) -> None:
    rows = rows_of(contents(), by)
    lines = inspect_text(EXPLAINED, Look(width=100), by=by, top=top).splitlines()
    heads = next(at for at, line in enumerate(lines) if line.lstrip().startswith("VISIBLE"))
    table = lines[heads + 1 :]
    assert len(table) <= top + 1
    if len(rows) > top + 1:
        left = rows[top:]
        count = "the rest: --top N" if left[-1].name == "the rest" else f"{len(left)} more: --top N"
        assert table[-1].endswith(count)
        assert f"{sum(row.files for row in left):,} " in table[-1]
    assert f"({'1.60' if by == 'type' else '1.99'} GB visible" in lines[heads - 1]


def test_the_rest_is_no_row_that_could_be_shown() -> None:
    text = inspect_text(EXPLAINED, NARROW, by="package", top=50)
    assert text.splitlines()[-1].endswith("the rest: --top N")
    assert text.count("the rest") == 1
    named = replace(contents(), directories=(share("/the rest", VISIBLE, 1),))
    text = inspect_text(replace(EXPLAINED, contents=named), NARROW, by="directory")
    assert text.splitlines()[-1].endswith("/the rest")


@pytest.mark.parametrize("width", [80, 99, 100, 200])
@pytest.mark.parametrize("by", [None, *DIMENSIONS])
def test_nothing_is_wider_than_the_screen(width: int, by: Dimension | None) -> None:
    text = inspect_text(EXPLAINED, Look(width=width, bars=True), by=by)
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_a_little_is_not_nothing() -> None:
    text = inspect_text(EXPLAINED, NARROW, by="package")
    line = next(line for line in text.splitlines() if "build-essential" in line)
    assert "< 1 %" in line
    assert " 0 % " in next(line for line in text.splitlines() if "nobody" in line)
