"""What the pages show is what lightship prints and what the code says."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pytest

from .conftest import ROOT
from .pages import PAGES, name_of

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_is_as_make_docs_writes_it(
    page: Path, write_docs: ModuleType, examples: Path
) -> None:
    assert examples.is_dir()
    text = page.read_text(encoding="utf-8")
    anew = write_docs.rendered(text)
    changed = "\n".join(
        difflib.unified_diff(text.splitlines(), anew.splitlines(), "page", "now", lineterm="", n=0)
    )
    assert not changed, f"stale, run `make docs`:\n{changed}"


def test_the_writer_knows_every_page(write_docs: ModuleType) -> None:
    assert set(write_docs.PAGES) == set(PAGES)


def test_the_pages_of_rules_are_as_make_docs_writes_them(write_rules: ModuleType) -> None:
    for page, text in write_rules.pages().items():
        assert page.is_file(), f"missing, run `make docs`: {name_of(page)}"
        assert page.read_text(encoding="utf-8") == text, f"stale, run `make docs`: {name_of(page)}"
    assert write_rules.stale() == []


def test_output_is_shown_where_it_should_be() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count("<!-- run") >= 5


def test_an_option_that_a_table_names_is_an_option(write_docs: ModuleType) -> None:
    from lightship.cli.reference import cli_reference  # noqa: PLC0415

    options = cli_reference()
    for row in write_docs.settings_table().splitlines()[2:]:
        option = row.split("|")[2].strip(" `").rpartition("--")[2]
        assert f"--{option}" in options, row


def test_every_spelling_is_in_the_table(write_docs: ModuleType) -> None:
    from lightship.transports.references import ALIASES  # noqa: PLC0415

    table = write_docs.references_table()
    for spelling in ALIASES:
        assert f"`{spelling if spelling.endswith('//') else spelling + ':'}`" in table
