"""HTML by construction: what is not made by `element` is text, and every text is escaped."""

from __future__ import annotations

from html import escape
from typing import TypeAlias

from lightship.printable import printable


class Html(str):
    """Markup that may stand in a page as it is."""

    __slots__ = ()


Content: TypeAlias = "str | Html"
_EMPTY = frozenset(("br", "hr", "input", "meta", "link", "rect"))


def text(foreign: str) -> Html:
    """Any text, with control and format characters written as escapes."""
    return Html(escape(printable(foreign)))


def element(tag: str, /, *content: Content, **attributes: str | int | None) -> Html:
    """An element; strings in it are text, unless they are `Html`.

    Args:
        tag: its name.
        content: what is in it.
        attributes: those that are None are left out. `class_` is `class`; other underscores are
            hyphens. The page's policy lets no browser obey `style` or `on...`.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(printable(str(value)))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if tag in _EMPTY:
        return Html(f"<{tag}{given}>")
    return Html(f"<{tag}{given}>{joined(*content)}</{tag}>")


def joined(*content: Content) -> Html:
    """Pieces one after the other; strings are text."""
    return Html("".join(one if isinstance(one, Html) else text(one) for one in content))


def foreign(name: str, class_: str | None = None) -> Html:
    """A foreign name, which may be written from right to left without touching what is beside."""
    return element("bdi", name, class_=class_)


def bar(part: int, whole: int, class_: str = "") -> Html:
    """A bar of which a part is filled: drawn, not styled, so that it prints."""
    width = max(0.0, min(1.0, part / whole)) * 100 if whole else 0.0
    return _drawn(element("rect", width=f"{width:.2f}", height="1"), f"bar {class_}".strip())


def balance(delta: int, largest: int) -> Html:
    """A bar from the middle: to the right what grew, to the left what shrank."""
    width = min(1.0, abs(delta) / largest) * 50 if largest else 0.0
    start = 50.0 if delta >= 0 else 50.0 - width
    filled = element("rect", x=f"{start:.2f}", width=f"{width:.2f}", height="1")
    return _drawn(filled, "bar balance grew" if delta >= 0 else "bar balance shrank")


def _drawn(filled: Html, class_: str) -> Html:
    return element(
        "svg",
        filled,
        class_=class_,
        viewBox="0 0 100 1",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def table(
    class_: str, caption: str, columns: list[tuple[str, str]], rows: list[list[Html]]
) -> Html:
    """A table whose columns have a title and a class; those of class `n...` are numbers.

    A cell of several values is sorted by its `data-value`.
    """
    head = [element("th", title, class_=kind or None, scope="col") for title, kind in columns]
    return element(
        "div",
        element(
            "table",
            element("caption", caption, class_="unseen"),
            element("thead", element("tr", *head)),
            element("tbody", *(element("tr", *row) for row in rows)),
            class_=class_,
        ),
        class_="scroll",
    )


def cell(*content: Content, class_: str | None = None, value: int | None = None) -> Html:
    """A cell; `value` is what it is sorted by."""
    return element("td", *content, class_=class_, data_value=value)
