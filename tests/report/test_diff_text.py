from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from lightship.model.results.diff import Changes, Elsewhere, Names
from lightship.report.diff_text import DETAILS_HINT, diff_text
from lightship.report.paper import Look

from .diff_samples import DIFFED, NOTHING, row
from .test_foreign_text import assert_harmless, foreign, looks

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.model.results.diff import ChangedName, DiffResult

PIPED = Look(width=120)
NONE = Names(0, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "look", "detailed"),
    [
        ("diff-piped.txt", PIPED, False),
        ("diff-80.txt", Look(width=80, bars=True), False),
        ("diff-ascii.txt", Look(width=80, unicode=False), True),
        ("diff-details-100.txt", Look(width=100), True),
    ],
)
def test_looks_as_agreed(
    name: str, look: Look, detailed: bool, agrees: Callable[[str, str], None]
) -> None:
    agrees(name, diff_text(DIFFED, look, detailed=detailed))


def test_the_first_screen_is_the_answer() -> None:
    lines = diff_text(replace(DIFFED, warnings=()), Look(width=100)).splitlines()
    assert len(lines) <= 45
    text = "\n".join(lines[:16])
    assert "≈ 18.3 MB bigger on the wire and 41.0 MB bigger unpacked" in text
    assert "A node that has A pulls ≈ 81.5 MB" in text


@pytest.mark.parametrize("width", [80, 81, 99, 100, 119, 200])
@pytest.mark.parametrize("detailed", [False, True])
def test_nothing_is_wider_than_the_screen(width: int, detailed: bool) -> None:
    text = diff_text(DIFFED, Look(width=width, bars=True), detailed=detailed)
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_colour_changes_nothing_but_colour() -> None:
    plain = diff_text(DIFFED, PIPED, detailed=True)
    colored = diff_text(DIFFED, Look(width=120, color=True), detailed=True)
    assert "\x1b[" in colored
    without = re.sub("\x1b\\[[0-9;]*m", "", colored)
    assert [line.rstrip() for line in without.splitlines()] == plain.splitlines()


def test_identical_images_are_one_line_of_news() -> None:
    text = diff_text(NOTHING, PIPED)
    assert "Identical: the same config and the same layers." in text
    assert len(text.splitlines()) == 5


def test_a_node_that_has_all_layers() -> None:
    pull = replace(DIFFED.pull, blobs=0, layers=0, unpacked_bytes=0, files=0)
    assert ": only the config\n" in (text := diff_text(replace(DIFFED, pull=pull), PIPED))
    assert "nothing to unpack; the first layer is shared" in text
    pull = replace(pull, config_bytes=0)
    assert ": it has all of it\n" in diff_text(replace(DIFFED, pull=pull), PIPED)


def test_a_long_reference_goes_on_below_itself() -> None:
    long = replace(DIFFED.a, reference="registry:host/" + "x" * 100)
    lines = diff_text(replace(DIFFED, a=long), Look(width=80)).splitlines()
    assert lines[0].startswith("A  registry:host/xxx")
    assert lines[1].startswith("   xxx")
    assert lines[2].startswith("B  ")


def test_the_same_files_in_other_layers() -> None:
    text = diff_text(replace(NOTHING, identical=False), PIPED)
    assert "The files are the same: no name differs in anything." in text
    assert "as big as A on the wire and as big as A unpacked" in text
    assert "By directory" not in text


def test_a_rebuild_that_changed_times_only() -> None:
    touched = replace(
        NOTHING,
        identical=False,
        same_files=False,
        changes=Changes(NONE, NONE, NONE, NONE, Names(1_234, 1_000, 5, 5), NONE),
    )
    text = diff_text(touched, PIPED)
    assert "The files are the same but for their modification times." in text
    assert "1,234 in time only" in text


def test_rows_that_are_left_out_are_summed() -> None:
    rows = tuple(row(n, n, f"RUN step {n}", n * 1_000, n * 1_000_000) for n in range(1, 31))
    text = diff_text(replace(DIFFED, instructions=rows), PIPED, top=3)
    assert "RUN step 28" in text
    assert "RUN step 27" not in text
    rest = next(line for line in text.splitlines() if "27 with less change" in line)
    assert "+378 kB" in rest  # 1 + ... + 27
    assert "+378 MB" in rest
    assert "RUN step 1\n" in diff_text(replace(DIFFED, instructions=rows), PIPED, detailed=True)


def test_directories_that_are_left_out_are_elsewhere() -> None:
    text = diff_text(DIFFED, PIPED, top=1)
    line = next(line for line in text.splitlines() if line.endswith("elsewhere"))
    assert "+4.00 MB" in line  # 6.993 MB - 3 MB + 7 kB
    assert "+11" in line


def test_dead_growth_has_its_row_without_any_directory() -> None:
    only_dead = replace(DIFFED, directories=(), elsewhere=Elsewhere(0, 0, 0, 5_000_000, 0))
    assert "≈+5.00 MB      0  dead: not in the final tree" in diff_text(only_dead, PIPED)


def test_what_differs_is_said() -> None:
    text = diff_text(DIFFED, PIPED, detailed=True)
    assert "content, mode 0755 → 4755, time" in text
    assert "regular → symlink\n" in text
    assert "link libcurl.so.4.7 → new" in text
    assert "device 8:0 → 8:1" in text
    assert "uid 0 → 1, gid 0 → 2, extended attributes, hard links" in text
    assert "was RUN apt-get install -y git\n" in text


def test_details_are_named_where_they_are_left_out() -> None:
    assert DETAILS_HINT in diff_text(DIFFED, PIPED)
    assert DETAILS_HINT not in diff_text(DIFFED, PIPED, detailed=True)


def test_docker_is_named_only_where_it_pulls_more() -> None:
    assert "Docker's own store" in diff_text(DIFFED, PIPED)
    pull = replace(DIFFED.pull, chain_wire_bytes=DIFFED.pull.wire_bytes)
    assert "Docker's own store" not in diff_text(replace(DIFFED, pull=pull), PIPED)


def holding(text: str) -> DiffResult:
    """The sample with one foreign text wherever foreign text can stand."""

    def named(rows: tuple[ChangedName, ...]) -> tuple[ChangedName, ...]:
        def facts(one: ChangedName) -> ChangedName:
            a = one.a and replace(one.a, link_target=text, xattrs=(text,), linked_to=text)
            b = one.b and replace(one.b, link_target=text, xattrs=(text,), linked_to=text)
            return replace(one, path=text, a=a, b=b)

        return tuple(map(facts, rows))

    return replace(
        DIFFED,
        a=replace(DIFFED.a, reference=text, platform=text),
        b=replace(DIFFED.b, reference=text),
        instructions=tuple(
            replace(one, created_by=text, a_created_by=text) for one in DIFFED.instructions
        ),
        directories=tuple(replace(one, path=text) for one in DIFFED.directories),
        added=named(DIFFED.added),
        removed=named(DIFFED.removed),
        changed=named(DIFFED.changed),
        metadata=named(DIFFED.metadata),
        touched=named(DIFFED.touched),
        moved=tuple(replace(one, source=text, target=text) for one in DIFFED.moved),
        warnings=(text, text, text, text),
    )


@given(foreign, looks, st.booleans())
def test_foreign_text_is_harmless(text: str, look: Look, detailed: bool) -> None:
    assert_harmless(diff_text(holding(text), look, detailed=detailed), look)
