"""docs/explanation/dive.md is true: of lightship on every run, of dive where dive can be had."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from .dive_cases import CASES, Case
from .dive_page import DIVE_COLUMNS, PAGE, ask_lightship, measured, our_cells, table_of_page
from .dive_program import DIVE_VERSION

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_lightship_gives_the_answer_worked_out_by_hand(case: Case, tmp_path: Path) -> None:
    ours = ask_lightship(case.build(tmp_path))
    assert ours.dead == case.dead
    assert ours.kinds == ((case.kind,) if case.kind else ())
    assert ours.duplicate == case.duplicate


def test_the_page_says_what_lightship_says(tmp_path: Path) -> None:
    ours = [our_cells(case, ask_lightship(case.build(tmp_path))) for case in CASES]
    assert [row[:-DIVE_COLUMNS] for row in table_of_page()] == ours


def test_each_image_of_the_table_is_described() -> None:
    sections = re.findall(r"^### (.*)\n\n    .*\n    .*\n\n\S", PAGE.read_text(), re.MULTILINE)
    assert [name.lower() for name in sections] == [case.name for case in CASES]


@pytest.mark.acceptance
def test_the_page_says_what_dive_says(dive_program: Path, tmp_path: Path) -> None:
    version = subprocess.run(
        [dive_program, "--version"], check=True, capture_output=True, text=True
    )
    assert DIVE_VERSION in version.stdout
    assert table_of_page() == measured(dive_program, tmp_path), (
        "the page is stale: python -m tests.e2e.dive_page DIVE writes it anew"
    )
