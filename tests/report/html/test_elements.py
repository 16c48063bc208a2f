"""What is not made by `element` is text."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.printable import printable
from lightship.report.html.elements import Html, balance, bar, element, joined


class Read(HTMLParser):
    """The elements and the text of some markup."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


FOREIGN = st.text() | st.sampled_from(("<b>", "&lt;", "'\"><script>", "\u202e", "</p>", "<!--"))


@settings(deadline=None)  # the machine may be busy
@given(FOREIGN, FOREIGN)
def test_any_text_stays_text_and_any_attribute_one_attribute(text: str, value: str) -> None:
    read = Read(element("p", text, title=value, class_="x"))
    assert read.found == [("p", {"title": printable(value), "class": "x"})]
    assert read.words == printable(text)


def test_markup_stays_markup_and_joins_with_text() -> None:
    inner = element("b", "1 < 2")
    assert joined("a & ", inner) == "a &amp; <b>1 &lt; 2</b>"
    assert element("p", inner) == "<p><b>1 &lt; 2</b></p>"
    assert isinstance(joined("x"), Html)


def test_attributes_that_are_none_are_left_out_and_underscores_are_hyphens() -> None:
    made = element("td", data_value=0, class_=None, aria_label="x")
    assert made == '<td data-value="0" aria-label="x"></td>'


def test_bars_are_as_long_as_their_share_and_never_longer_than_whole() -> None:
    assert 'width="25.00"' in bar(1, 4)
    assert 'width="0.00"' in bar(0, 0)
    assert 'width="100.00"' in bar(9, 4)
    assert 'x="50.00" width="25.00"' in balance(2, 4)
    assert 'x="25.00" width="25.00"' in balance(-2, 4)
    assert 'width="0.00"' in balance(0, 0)
