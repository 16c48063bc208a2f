"""Pages of hostile images, of broken data, of nothing, and of very much, in chromium."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from lightship.api.inspecting import inspect_with_picture
from lightship.report.html.inspect_html import inspect_html
from lightship.testing import build_image
from lightship.testing.entries import File, Link

from ..contents_samples import EXPLAINED  # noqa: TID252 # as the other tests of reports
from ..samples import EMPTY  # noqa: TID252 # likewise
from .pictures import MB, Leaf, application, picture_of
from .seen import rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lightship.testing.entries import Layer

    from .conftest import Opened

pytestmark = pytest.mark.system("chromium")

PAGE = inspect_html(EXPLAINED, application())
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
    browser = opened(inspect_html(EMPTY, picture_of([])))
    assert browser.trouble == []
    assert rows(browser) == []


def test_an_image_of_230_000_files_is_a_small_page(
    opened: Opened, record_property: Callable[[str, object], None]
) -> None:
    """More than `fold` leaves of it: 8,000 files by each weight, their directories, the folded."""
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


def test_of_a_real_image_the_picture_weighs_what_the_figures_say(
    opened: Opened, tmp_path: Path
) -> None:
    noise = random.Random(3).randbytes  # noqa: S311 # no secret
    layers: list[Layer] = [
        {"usr/lib/a.so": noise(70_000), "usr/lib/twin.so": Link("usr/lib/a.so")},
        {"usr/lib/a.so": noise(30_000), "app/data.bin": noise(90_000), "tmp/x/y": noise(20_000)},
        {"tmp/.wh.x": b"", "app/data.bin": File(noise(10), mode=0o600)},
    ]
    image = build_image(layers, directory=tmp_path, form="oci")
    result, picture = inspect_with_picture(image, cache=None)
    browser = opened(inspect_html(result, picture))
    figures = browser.texts(".figure b")[:4]
    for at, weight in enumerate(("wire", "unpacked", "visible", "dead"), 1):
        browser.click(f"#weight label:nth-of-type({at})")
        assert browser.text("#crumbs .size") == figures[at - 1], weight
    assert picture.wire_bytes[0] == result.image.wire_bytes
    assert picture.visible_bytes[0] == result.image.visible_bytes
    assert picture.dead_bytes[0] == result.image.dead_bytes
