"""The page of a build context as chromium shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from lightship.report.html.context_html import context_html

from ..context_samples import BARE, LEGACY, SHOWN  # noqa: TID252 # as the other tests of reports
from .seen import rows, shown

if TYPE_CHECKING:
    from lightship.model.results.context import ContextResult

    from .conftest import Opened

pytestmark = pytest.mark.system("chromium")

HOSTILE = replace(
    SHOWN,
    folder="<script>alert(1)</script>",
    lines=tuple(replace(one, pattern="</script><img src=x>") for one in SHOWN.lines),
)


@pytest.mark.parametrize("result", [SHOWN, LEGACY, BARE, HOSTILE])
def test_it_opens_and_asks_for_nothing_else(opened: Opened, result: ContextResult) -> None:
    browser = opened(context_html(result))
    assert browser.trouble == []
    assert len(browser.requests) == 1
    assert browser.value("document.getElementById('trouble').hidden")
    assert browser.text("h1") == f"Build context {result.folder}"


def test_sizes_and_what_becomes_of_each(opened: Opened) -> None:
    browser = opened(context_html(SHOWN))
    assert shown(browser) == "/ everything fate"
    assert browser.texts(".figure b") == ["2.00 MB", "12.0 MB", "812 MB"]
    assert rows(browser) == ["node_modules", "data/", "src/", "package.json"]
    browser.click("#weight input[value=sent]")
    assert rows(browser) == ["src/", "package.json"]


def test_the_strip_has_who_takes_and_what_keeps_out(opened: Opened) -> None:
    browser = opened(context_html(SHOWN))
    assert browser.texts("#strip button") == [
        "COPY src ./src",
        "COPY package*.json ./",
        "not taken by any instruction",
        "**/node_modules",
    ]
    browser.click("#strip button:nth-of-type(4)")
    assert browser.text("#filter").startswith("only line 2: **/node_modules")
    assert browser.text("#instruction").startswith("Line 2 812 MB everything")


def test_a_line_of_the_table_leads_into_the_picture(opened: Opened) -> None:
    browser = opened(context_html(SHOWN))
    browser.click("#uses tbody tr:nth-of-type(2) .shows")
    assert browser.text("#filter").startswith("only line 4: COPY src ./src")
    assert shown(browser) == "/ everything instruction"
