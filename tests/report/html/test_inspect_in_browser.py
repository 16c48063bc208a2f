"""The page of an image as chromium shows it: pressed, typed at, switched, printed, attacked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lightship.report.html.inspect_html import inspect_html

from ..contents_samples import EXPLAINED  # noqa: TID252 # as the other tests of reports
from .pictures import MB, Leaf, application, picture_of
from .seen import at_path, pixel_colours, rows, shown

if TYPE_CHECKING:
    from .conftest import Opened

pytestmark = pytest.mark.system("chromium")

PAGE = inspect_html(EXPLAINED, application())


def test_it_opens_from_disk_and_asks_for_nothing_else(opened: Opened) -> None:
    browser = opened(PAGE)
    assert browser.trouble == []
    assert len(browser.requests) == 1
    assert browser.requests[0].startswith("file://")
    assert browser.value("performance.getEntriesByType('resource').length") == 0


def test_figures_are_those_of_the_text(opened: Opened) -> None:
    browser = opened(PAGE)
    assert browser.texts(".figure b") == [
        "≈ 860 MB",
        "2.15 GB",
        "1.99 GB",
        "160 MB",
        "14.2 MB",
        "171 MB",
    ]
    assert browser.text("h1") == "docker-archive:app.tar:registry.example/team/app:1.4.2"


def test_pressing_a_file_goes_into_its_directory_and_crumbs_lead_back(opened: Opened) -> None:
    browser = opened(PAGE)
    assert shown(browser) == "/ wire category"
    browser.press(*at_path(browser, "/usr/lib/libLLVM.so.17"))
    assert shown(browser) == "/usr/lib/ wire category"
    assert rows(browser)[0] == "libLLVM.so.17"
    assert browser.texts("#crumbs button") == ["/", "usr", "lib"]
    browser.click("#crumbs button:nth-of-type(2)")
    assert shown(browser) == "/usr/ wire category"
    browser.click("#crumbs button")
    assert shown(browser) == "/ wire category"


def test_directories_in_a_row_are_one_step_in_and_one_out(opened: Opened) -> None:
    leaves = [Leaf("a/b/c/one", 5 * MB), Leaf("a/b/c/two", 3 * MB), Leaf("other", 4 * MB)]
    browser = opened(inspect_html(EXPLAINED, picture_of(leaves)))
    browser.value("document.querySelector('#map').focus()")
    browser.key("ArrowRight")
    browser.key("Enter")
    assert shown(browser) == "/a/b/c/ wire category"
    browser.key("Backspace")
    assert shown(browser) == "/ wire category"


def test_weights_switch_and_the_table_says_the_same(opened: Opened) -> None:
    browser = opened(PAGE)
    assert rows(browser)[:2] == ["models/", "usr/"]
    browser.click("#weight label:nth-of-type(4)")
    assert shown(browser) == "/ dead category"
    assert rows(browser) == ["root/", "app/", "var/"]
    assert browser.texts("#list .dead")[1:] == ["60.0 MB", "48.0 MB", "44.0 MB"]
    browser.click("#weight label:nth-of-type(2)")
    assert shown(browser) == "/ unpacked category"
    assert "app/" in rows(browser)


def test_colours_switch_with_their_legend(opened: Opened) -> None:
    browser = opened(PAGE)
    by_category = browser.texts("#legend button"), pixel_colours(browser)
    browser.click("#colour label:nth-of-type(2)")
    by_package = browser.texts("#legend button"), pixel_colours(browser)
    browser.click("#colour label:nth-of-type(3)")
    by_layer = browser.texts("#legend button"), pixel_colours(browser)
    assert by_category[0][0] == "model weights1.29 GB"
    assert by_package[0][:2] == ["unpackaged1.40 GB", "torch 1.2 (dpkg)134 MB"]
    assert by_layer[0][0] == "10  COPY models/ /models/1.29 GB"
    assert len({*map(frozenset, (by_category[1], by_package[1], by_layer[1]))}) == 3


def test_what_says_nothing_takes_no_colour_from_what_does(opened: Opened) -> None:
    leaves = [Leaf("a", 9 * MB, "other"), Leaf("b", MB, "documentation")]
    browser = opened(inspect_html(EXPLAINED, picture_of(leaves)))
    assert browser.texts("#legend button bdi") == ["other", "documentation"]
    first, second = browser.value(
        "Array.from(document.querySelectorAll('#legend button .swatch'), one =>"
        " getComputedStyle(one).backgroundColor)"
    )
    assert (first, second) == ("rgb(226, 220, 207)", "rgb(119, 170, 221)")


def test_search_finds_counts_and_leads_there(opened: Opened) -> None:
    browser = opened(PAGE)
    before = pixel_colours(browser)
    browser.key("/")
    browser.type("INTRO")
    assert browser.text("#found") == "2 matches, 38.4 MB"
    assert browser.texts("#hits button") == ["/app/static/video/intro.mp4"] * 2
    assert pixel_colours(browser) != before
    browser.key("Enter")
    assert shown(browser) == "/app/static/video/ wire category"
    browser.key("/")
    browser.value("document.querySelector('#search').select()")
    browser.type("lib/scipy/tests")
    assert browser.texts("#hits button") == ["/opt/venv/lib/scipy/tests/"]
    browser.value("document.querySelector('#search').select()")
    browser.type("no such thing")
    assert browser.text("#found") == "No match here"
    browser.key("Escape")
    assert browser.value("document.activeElement.id") == "map"
    assert browser.text("#found") == ""


def test_the_keyboard_alone_walks_the_picture(opened: Opened) -> None:
    browser = opened(PAGE)
    browser.value("document.querySelector('#map').focus()")
    browser.key("ArrowRight")
    assert browser.text("#details strong") == "/models/"
    browser.key("ArrowRight")
    assert browser.text("#details strong") != "/models/"
    browser.key("ArrowLeft")
    assert browser.text("#details strong") == "/models/"
    browser.key("Enter")
    assert shown(browser) == "/models/ wire category"
    browser.key("ArrowDown")
    assert browser.text("#details strong") == "/models/weights.safetensors"
    assert "model weights" in browser.text("#details span")
    browser.key("Backspace")
    assert shown(browser) == "/ wire category"
    assert browser.text("#details strong") == "/models/"


def test_what_has_the_focus_is_seen_to_have_it(opened: Opened) -> None:
    browser = opened(PAGE)
    reached = []
    for _ in range(14):
        browser.key("Tab")
        reached.append(
            browser.value(
                "(one => { const seen = one.type === 'radio' ? one.nextElementSibling : one;"
                " return [one.id || one.name || one.tagName,"
                " getComputedStyle(seen).outlineStyle, getComputedStyle(seen).outlineWidth]; })"
                "(document.activeElement)"
            )
        )
    assert all(style == "solid" and width == "3px" for _, style, width in reached), reached
    assert [name for name, *_ in reached][:4] == ["theme", "weight", "colour", "search"]


def test_a_layer_of_the_bar_shows_what_is_in_it(opened: Opened) -> None:
    browser = opened(PAGE)
    before = pixel_colours(browser)
    browser.click("#strip button:nth-of-type(10)")
    assert browser.text("#filter bdi") == "layer 10"
    assert "COPY models/ /models/" in browser.text("#instruction")
    assert pixel_colours(browser) != before
    browser.click("#filter button")
    assert browser.value("document.querySelector('#filter').hidden")
    assert pixel_colours(browser) == before


def test_rows_of_tables_lead_into_the_picture(opened: Opened) -> None:
    browser = opened(PAGE)
    browser.click("#categories .shows")
    assert browser.text("#filter bdi") == "model weights"
    browser.click("#packages .shows")
    assert browser.text("#filter bdi") == "unpackaged"
    assert shown(browser) == "/ wire package"


def test_evidence_leads_into_the_picture_also_to_what_is_dead(opened: Opened) -> None:
    browser = opened(PAGE)
    lists, model = "var/lib/apt/lists", "models/weights.safetensors"
    assert browser.texts(".evidence [data-path] button")[2] == f"/{lists}"
    for path, where, focus in (
        (lists, "/var/lib/apt/", f"/{lists}/"),
        (model, "/models/", f"/{model}"),
        ("usr/lib/nowhere", "/usr/", "/usr/lib/"),
        ("nowhere", "/", "/"),
    ):
        holder = "document.querySelectorAll('[data-path]')[2]"
        browser.value(f"{holder}.dataset.path = {json.dumps(path)}")
        browser.value(f"{holder}.querySelector('button').click()")
        assert shown(browser) == f"{where} wire category"
        assert browser.text("#details strong") == focus
    browser.click("#weight label:nth-of-type(3)")
    browser.value(f"{holder}.dataset.path = {json.dumps(lists)}")
    browser.value(f"{holder}.querySelector('button').click()")
    # None of it is visible.
    assert shown(browser) == "/var/lib/apt/ unpacked category"


def test_tables_sort_and_what_is_left_out_stays_last(opened: Opened) -> None:
    browser = opened(PAGE)
    first = "#packages tbody tr td:first-child"
    assert browser.texts(first)[0] == "unpackaged"
    browser.click("#packages thead th:first-child button")
    assert browser.texts(first)[0] == "build-essential"
    assert browser.texts(first)[-1] == "the rest"
    browser.click("#packages thead th:nth-child(8) button")
    assert browser.texts(first)[0] == "torch"
    assert browser.texts(first)[-1] == "the rest"
    sort = "document.querySelector('#packages th:nth-child(8)').getAttribute('aria-sort')"
    assert browser.value(sort) == "descending"


def test_themes_follow_the_system_and_switch(opened: Opened) -> None:
    browser = opened(PAGE)
    paper = "getComputedStyle(document.body).backgroundColor"
    light = browser.value(paper), pixel_colours(browser)
    browser.prefer("dark")
    dark = browser.value(paper), pixel_colours(browser)
    assert light[0] != dark[0]
    assert light[1] != dark[1]
    browser.click("#theme")
    assert (browser.value(paper), pixel_colours(browser)) == light
    browser.click("#theme")
    assert (browser.value(paper), pixel_colours(browser)) == dark
    assert browser.trouble == []


def test_on_paper_there_are_tables_and_no_picture(opened: Opened) -> None:
    browser = opened(PAGE)
    browser.prefer("dark", "print")
    seen = "(one => one.getClientRects().length > 0)(document.querySelector({}))"
    assert not browser.value(seen.format("'#map'"))
    assert not browser.value(seen.format("'#search'"))
    for selector in ("#list thead th.dead", "#list tbody td.wire", "#layers td", "#packages td"):
        assert browser.value(seen.format(json.dumps(selector))), selector
    assert browser.value("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_it_is_never_wider_than_a_telephone(opened: Opened) -> None:
    browser = opened(PAGE, width=390, height=800)
    assert browser.value("document.documentElement.scrollWidth") <= 390
    browser.press(*at_path(browser, "/models/weights.safetensors"))
    assert shown(browser) == "/models/ wire category"
