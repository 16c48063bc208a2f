"""The page of an image as chromium shows it: pressed, typed at, switched, printed, attacked."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from lightship.report.html.inspect_html import inspect_html

from ..contents_samples import EXPLAINED  # noqa: TID252 # as the other tests of reports
from .pictures import MB, Leaf, application, picture_of

if TYPE_CHECKING:
    from .browser import Browser
    from .conftest import Opened

pytestmark = pytest.mark.system("chromium")

PAGE = inspect_html(EXPLAINED, application())
SHOWN = "document.documentElement.dataset.shown"


def shown(browser: Browser) -> str:
    """The directory, the weight and the colour of the picture."""
    return str(browser.value(SHOWN))


def at_path(browser: Browser, path: str) -> tuple[float, float]:
    """The middle of where the pointer finds a path in the picture; looked for on a grid."""
    browser.value("document.querySelector('#map').scrollIntoView()")
    x, y, width, height = browser.value(
        "(b => [b.x, b.y, b.width, b.height])"
        "(document.querySelector('#map').getBoundingClientRect())"
    )
    for down in range(4, int(height), 12):
        for right in range(4, int(width), 24):
            browser.point(x + right, y + down)
            if browser.texts("#tip strong") == [path]:
                return x + right, y + down
    raise AssertionError(f"{path} is nowhere in the picture")


def rows(browser: Browser) -> list[str]:
    return browser.texts("#list tbody th")


def pixel_colours(browser: Browser) -> set[str]:
    """The colours of the picture, on a grid."""
    found: list[str] = browser.value(
        "(canvas => { const copy = new OffscreenCanvas(canvas.width, canvas.height);"
        " const context = copy.getContext('2d', { willReadFrequently: true });"
        " context.drawImage(canvas, 0, 0); const found = new Set();"
        " const all = context.getImageData(0, 0, copy.width, copy.height).data;"
        " for (let at = 0; at < all.length; at += 4 * 37)"
        " found.add([all[at], all[at + 1], all[at + 2]].join()); return [...found]; })"
        "(document.querySelector('#map'))"
    )
    return set(found)


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


HOSTILE = (
    "</script><script>document.title='broken'</script>",
    "<img src=x onerror=document.title='broken'>",
    "\" onmouseover=\"document.title='broken'\" '",
    "\u202egnp.exe",
    "\x1b]0;broken\x07\x00\r\n",
    "<!--<script>",
    "__proto__",
    "n" * 4096,
)


def test_hostile_names_are_text_wherever_they_stand(opened: Opened) -> None:
    image, contents = EXPLAINED.image, EXPLAINED.contents
    assert contents is not None
    result = replace(
        EXPLAINED,
        image=replace(image, reference=HOSTILE[0]),
        warnings=HOSTILE,
        layers=tuple(
            replace(layer, created_by=name)
            for layer, name in zip(EXPLAINED.layers, HOSTILE, strict=False)
        ),
        findings=tuple(
            replace(
                EXPLAINED.findings[2],
                title=name,
                message=name,
                evidence=(replace(EXPLAINED.findings[2].evidence[0], path=name, note=name),),
            )
            for name in HOSTILE
        ),
        contents=replace(
            contents,
            packages=tuple(
                replace(contents.packages[1], name=name, version=name) for name in HOSTILE
            ),
            notes=HOSTILE,
        ),
    )
    leaves = [
        Leaf(f"d{at}/{name.replace('/', '|')}", MB + at, name, name, at % 4 + 1)
        for at, name in enumerate(HOSTILE)
    ]
    page = inspect_html(result, picture_of(leaves))
    browser = opened(page)
    for selector in ("#colour label:nth-of-type(2)", "#colour label:nth-of-type(3)"):
        browser.click(selector)
    browser.key("/")
    browser.type("<|script")
    browser.value("document.querySelector('#hits button').click()")
    assert browser.trouble == []
    assert browser.value("document.title") == f"{HOSTILE[0]} - lightship"
    assert browser.value("document.querySelectorAll('img, script:not([id])').length") == 1
    assert browser.value("document.querySelectorAll('[onmouseover], [onerror]').length") == 0
    assert browser.text("#list tbody button") == HOSTILE[0].replace("/", "|")
    assert browser.text("h1") == HOSTILE[0]
    everything = str(browser.value("document.body.textContent"))
    # Whoever writes from right to left, or to the terminal, is written out.
    assert not re.search("[\u202e\x1b\x00\x07]", everything)
    assert "\\u202egnp.exe" in everything


def test_the_policy_lets_no_other_script_run(opened: Opened) -> None:
    browser = opened(PAGE)
    browser.value(
        "(script => { script.textContent = 'document.title = \"broken\"';"
        " document.body.append(script); })(document.createElement('script'))"
    )
    browser.value(
        "document.body.insertAdjacentHTML('beforeend',"
        ' \'<img src=https://example.org/x.png onerror="document.title = 1">'
        '<b id=styled style="color: rgb(1, 2, 3)">x</b>\')'
    )
    browser.value("new Promise(done => setTimeout(done, 50))")
    assert "broken" not in browser.value("document.title")
    assert (
        browser.value("getComputedStyle(document.querySelector('#styled')).color") != "rgb(1, 2, 3)"
    )
    refused = [line for line in browser.trouble if "Content Security Policy" in line]
    assert len(refused) >= 2
    assert not [address for address in browser.requests if address.startswith("http")]


def test_data_that_cannot_be_unpacked_leave_the_tables(opened: Opened) -> None:
    broken = re.sub(r'(<script type="application/gzip" id="data">)H4', r"\1AA", PAGE)
    assert broken != PAGE
    browser = opened(broken, ready="document.querySelector('#trouble')?.hidden === false")
    assert "cannot draw the picture" in browser.text("#trouble")
    assert browser.value("document.querySelector('#explorer').hidden")
    assert len(browser.texts("#layers tbody tr")) == 10


def test_an_image_of_nothing_opens(opened: Opened) -> None:
    from ..samples import EMPTY  # noqa: PLC0415, TID252

    browser = opened(inspect_html(EMPTY, picture_of([])))
    assert browser.trouble == []
    assert rows(browser) == []


@pytest.mark.slow
def test_an_image_of_230_000_files_is_a_small_page(opened: Opened, record_property: Any) -> None:
    """What `fold` leaves of it: 20,000 of the files, and as many nodes that are folded ones."""
    chance = random.Random(5)  # noqa: S311 # no secret
    letters = "abcdefghijklmnopqrstuvwxyz"

    def name() -> str:
        return "".join(chance.choices(letters, k=chance.randrange(4, 20)))

    folders = [f"{name()}/{name()}/{name()}/{name()}" for _ in range(4000)]
    leaves = [
        Leaf(
            f"{chance.choice(folders)}/{at:x}{name()}",
            int(5_000 * chance.paretovariate(1.1)),
            f"category {chance.randrange(20)}",
            f"package-{chance.randrange(3000)}",
            chance.randrange(1, 11),
        )
        for at in range(40_000)
    ]
    page = inspect_html(EXPLAINED, picture_of(leaves))
    assert len(page.encode()) < 5_000_000
    browser = opened(page)
    assert browser.trouble == []
    opening = browser.value("performance.getEntriesByType('measure')[0].duration")
    record_property("page_bytes", len(page.encode()))
    record_property("milliseconds_to_open", opening)
    browser.key("/")
    browser.type("q")
    assert "matches" in browser.text("#found")
