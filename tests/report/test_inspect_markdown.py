from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from lightship.model.finding import Evidence
from lightship.printable import printable
from lightship.report.diff_markdown import diff_markdown
from lightship.report.inspect_markdown import inspect_all_markdown, inspect_markdown
from lightship.report.markdown import LONGEST

from .contents_samples import EXPLAINED, FINDINGS, contents, package, share
from .diff_samples import DIFFED
from .gate_samples import HOSTILE
from .samples import EMPTY, INSPECTED, MB

if TYPE_CHECKING:
    from lightship.model.results.diff import DiffResult
    from lightship.model.results.inspect import InspectResult

RENDER = MarkdownIt("gfm-like", {"html": True, "linkify": False})
ALLOWED = {"h3", "p", "code", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"} | {
    "details",
    "summary",
}


class _Shape(HTMLParser):
    """The tags of a page in order, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs, (tag, attrs)
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


def shape(markdown: str) -> _Shape:
    return _Shape(RENDER.render(markdown))


def holding(text: str) -> InspectResult:
    """A foreign text wherever there may be one."""
    return replace(
        EXPLAINED,
        image=replace(EXPLAINED.image, reference=text),
        layers=tuple(replace(layer, created_by=text) for layer in EXPLAINED.layers),
        warnings=(f"a file {text} is odd",),
        contents=replace(
            contents(), packages=(package(text, text, "npm", MB, 1),), notes=(f"{text}: is broken",)
        ),
        findings=tuple(
            replace(one, title=f"see {text}", advice=text, evidence=(Evidence(text, 1, note=text),))
            for one in FINDINGS
        ),
    )


def compared(text: str) -> DiffResult:
    return replace(
        DIFFED,
        a=replace(DIFFED.a, reference=text),
        directories=tuple(replace(row, path=text) for row in DIFFED.directories),
        instructions=tuple(replace(row, created_by=text) for row in DIFFED.instructions),
        warnings=(f"the file {text}",),
    )


def test_the_figures_findings_and_categories_are_told() -> None:
    text = inspect_markdown(EXPLAINED)
    assert "| removable, by what was found | 171 MB |" in text
    assert "| ❌ error | <code>secrets</code> |" in text
    assert "| ⚠️ warning | <code>apt-lists</code> | 44.0 MB |" in text
    assert "2 more findings, of less weight or suppressed." in text
    assert "| model weights | 1.20 GB | 60 % | ≈ 480 MB |" in text
    assert "<summary>412 packages</summary>" in text
    assert "<summary>10 layers</summary>" in text
    assert "the database is cut short" in text
    assert "<code>documentation</code>" not in text


def test_it_renders_as_what_it_is() -> None:
    tags = shape(inspect_markdown(EXPLAINED)).tags
    assert tags.count("table") == 5
    assert tags.count("details") == 2
    assert set(tags) <= ALLOWED


def test_an_image_without_contents_or_layers_has_its_figures() -> None:
    assert "removable" not in inspect_markdown(INSPECTED)
    text = inspect_markdown(EMPTY)
    assert "| visible | 0 B |" in text
    assert "<details>" not in text


def test_nothing_to_act_on_is_said() -> None:
    text = inspect_markdown(replace(EXPLAINED, findings=FINDINGS[4:]))
    assert "Nothing found that is worth acting on." in text
    assert "2 more findings" in text


def test_platforms_follow_each_other() -> None:
    text = inspect_all_markdown((EXPLAINED, EMPTY))
    assert text.index("linux/amd64") < text.index("linux/arm64/v8")


def test_many_rows_stay_within_a_comment() -> None:
    layers = tuple(replace(INSPECTED.layers[1], index=at) for at in range(1, 128))
    many = replace(
        EXPLAINED,
        layers=layers,
        warnings=tuple(f"odd {at}" for at in range(5000)),
        findings=FINDINGS * 400,
        contents=replace(contents(), packages=(package("p" * 4000, None, "npm", 1, 1),) * 3000),
    )
    text = inspect_markdown(many)
    assert len(text) <= LONGEST
    assert shape(text).tags.count("details") == 2
    assert "and 87 more" in text


def test_what_grew_is_told() -> None:
    text = diff_markdown(DIFFED)
    assert "| wire | ≈ 860 MB | ≈ 878 MB | +18.3 MB |" in text
    assert "<summary>4 of 7 layers differ</summary>" in text
    assert "| +48.0 MB | ≈ +20.0 MB | +300 |" in text
    assert "Identical" in diff_markdown(replace(DIFFED, identical=True))


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_changes_no_structure(text: str) -> None:
    plain = shape(inspect_markdown(holding("/plain"))).tags
    hostile = shape(inspect_markdown(holding(text)))
    assert _without_code(hostile.tags) == _without_code(plain)
    assert set(hostile.tags) <= ALLOWED
    grown = shape(diff_markdown(compared(text)))
    assert _without_code(grown.tags) == _without_code(shape(diff_markdown(compared("/a"))).tags)


@given(text=st.text(min_size=1, max_size=60))
def test_any_foreign_text(text: str) -> None:
    hostile = shape(inspect_markdown(holding(text)))
    assert set(hostile.tags) <= ALLOWED
    shown = " ".join(printable(text).split())
    assert shown in " ".join(hostile.words.split())


def test_a_category_that_is_shared_by_name_is_escaped() -> None:
    odd = share("<b>|x", MB, 1)
    text = inspect_markdown(replace(EXPLAINED, contents=replace(contents(), categories=(odd,))))
    assert "<b>" not in text


def _without_code(tags: list[str]) -> list[str]:
    """How many names a sentence has depends on them; where the sentences stand does not."""
    return [tag for tag in tags if tag != "code"]
