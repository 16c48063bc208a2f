from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lightship.printable import printable
from lightship.report.check_markdown import to_markdown
from lightship.report.markdown import LONGEST

from .gate_samples import ALL, HOSTILE, NOTHING, PASSED, checked, holding, many

if TYPE_CHECKING:
    from lightship.model.results.check import CheckResult

OURS = {"h3", "p", "code", "strong", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}


class Page(HTMLParser):
    """A rendered page: which elements there are, what stands in code, and what does not."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.code: list[str] = []
        self.prose = ""
        self._inside = 0
        # As GitHub renders: HTML is passed on, and filtered afterwards.
        self.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs, (tag, attrs)
        self.elements.append(tag)
        self._inside += tag == "code"
        if tag == "code":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag == "code"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.code[-1] += data
        else:
            self.prose += data


def count(page: Page, element: str) -> int:
    return page.elements.count(element)


def test_a_row_for_each_limit_and_the_causes() -> None:
    text = to_markdown(ALL)
    page = Page(text)
    assert text.startswith("### lightship check: ❌ fail\n")
    assert set(page.elements) == OURS
    assert count(page, "table") == 2
    assert count(page, "tr") == 1 + 4 + 1 + 8
    assert count(page, "li") == 5
    assert "registry:registry.example/team/shop:1.4.2" in page.code
    assert "opt/conda/lib/libtorch.so" in page.code
    row = next(line for line in text.splitlines() if line.startswith("| ❌ fail | max-wire "))
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "❌ fail",
        "max-wire",
        "5.37 GB",
        "warn above 1.00 GB, fail above 5 GiB",
        "-1 B",
        "profile rahti",
    ]


@pytest.mark.parametrize("result", [PASSED, NOTHING])
def test_a_pass_explains_nothing(result: CheckResult) -> None:
    page = Page(to_markdown(result))
    assert "✅ pass" in page.prose
    assert "strong" not in page.elements


def structure(page: Page) -> list[str]:
    return [element for element in page.elements if element != "code"]


PLAIN = structure(Page(to_markdown(holding("word"))))


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_changes_no_structure(text: str) -> None:
    page = Page(to_markdown(holding(text)))
    assert structure(page) == PLAIN


# What GitHub and GitLab make links of, outside code: addresses, people, issues, commits.
REFERENCE = re.compile(r"www\.|://|@|(?<!\w)[#!~$&%*]\w|[\[\]<>|`\\]")


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_mentions_nobody(text: str) -> None:
    written = to_markdown(holding(text))
    assert not REFERENCE.search(Page(written).prose.replace("\n", " "))
    # These make links in code as well.
    assert not re.search(r"www\.|://", written, re.IGNORECASE)


@given(
    st.text(st.one_of(st.sampled_from("wW|`*_[]()<>#!@&\\\n -+.:/~$%^={}'\"0aé"), st.characters()))
)
def test_any_foreign_text(text: str) -> None:
    written = to_markdown(holding(text))
    page = Page(written)
    assert structure(page) == PLAIN
    assert not REFERENCE.search(page.prose.replace("\n", " "))
    assert not re.search(r"www\.|://", written, re.IGNORECASE)
    # And it can still be read.
    assert any(printable(f"registry:{text}")[:250].strip() in code for code in page.code)


def test_long_reports_are_cut() -> None:
    text = to_markdown(many(900))
    assert len(text) <= LONGEST
    assert "left out" in text
    assert len(to_markdown(holding("|" * 5_000))) <= LONGEST
    assert "left out" not in to_markdown(checked(*ALL.judged))
