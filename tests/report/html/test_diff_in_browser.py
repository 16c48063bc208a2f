"""The page of two images: what grew, in chromium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from lightship.report.html.diff_html import diff_html

from ..diff_samples import DIFFED, NOTHING  # noqa: TID252 # as the other tests of reports

if TYPE_CHECKING:
    from .conftest import Opened

pytestmark = pytest.mark.system("chromium")


def test_it_opens_from_disk_and_says_what_grew(opened: Opened) -> None:
    browser = opened(diff_html(DIFFED))
    assert browser.trouble == []
    assert len(browser.requests) == 1
    assert browser.texts("h1 bdi") == [
        "docker-archive:shop-1.4.tar",
        "docker-archive:shop-1.5.tar",
    ]
    assert browser.text(".verdict").startswith("B is ≈ 18.3 MB bigger on the wire")
    assert browser.texts("#sizes tbody tr:first-child td")[:4] == [
        "wire",
        "≈ 860 MB",
        "≈ 878 MB",
        "+18.3 MB",
    ]
    assert browser.texts("#directories tbody tr:first-child td")[:2] == [
        "/usr/lib/x86_64-linux-gnu/",
        "+48.0 MB",
    ]


def test_rows_by_directory_add_up_to_the_images_growth(opened: Opened) -> None:
    browser = opened(diff_html(DIFFED))
    cells = "document.querySelectorAll('#directories tbody td:nth-child({})')"
    total = "Array.from({}, cell => Number(cell.dataset.value)).reduce((a, b) => a + b, 0)"
    assert browser.value(total.format(cells.format(2))) == DIFFED.delta.visible_bytes
    assert browser.value(total.format(cells.format(5))) == DIFFED.delta.files


def test_tables_sort(opened: Opened) -> None:
    browser = opened(diff_html(DIFFED))
    browser.click("#directories thead th:first-child button")
    names = browser.texts("#directories tbody td:first-child")
    assert names == sorted(names, key=str.lower)


def test_identical_images_are_said_to_be(opened: Opened) -> None:
    browser = opened(diff_html(NOTHING))
    assert browser.text(".verdict") == "Identical: the same config and the same layers."
    assert browser.texts("table") == []


def test_hostile_names_are_text(opened: Opened) -> None:
    name = "</td><script>document.title='broken'</script>\u202e"
    result = replace(
        DIFFED,
        a=replace(DIFFED.a, reference=name),
        directories=tuple(replace(row, path=name) for row in DIFFED.directories),
        added=tuple(replace(row, path=name) for row in DIFFED.added),
        moved=tuple(replace(row, source=name, target=name) for row in DIFFED.moved),
        instructions=tuple(replace(row, created_by=name) for row in DIFFED.instructions),
        warnings=(name,),
    )
    browser = opened(diff_html(result))
    assert browser.trouble == []
    assert browser.value("document.querySelectorAll('script').length") == 1
    assert browser.text("h1 bdi").startswith("</td><script>")
    assert "\u202e" not in browser.text("body")


def test_a_switch_changes_the_colours(opened: Opened) -> None:
    browser = opened(diff_html(DIFFED))
    paper = "getComputedStyle(document.body).backgroundColor"
    before = browser.value(paper)
    browser.click("#theme")
    assert browser.value(paper) != before
