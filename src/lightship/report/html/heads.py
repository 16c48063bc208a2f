"""What stands at the top and at the end of every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.html.elements import Html, element, foreign

if TYPE_CHECKING:
    from collections.abc import Sequence

_WARNINGS = 3


def head(titles: Sequence[tuple[str, str]], facts: str) -> Html:
    """The image, or both, each with its side; what it is; and a switch for the colours."""
    theme = element("button", "Dark", type="button", id="theme", hidden="")
    return element(
        "header",
        element(
            "div",
            element("p", "lightship", class_="brand"),
            element("h1", *(_title(*title) for title in titles)),
            element("p", facts, class_="facts"),
        ),
        theme,
        class_="top",
    )


def _title(side: str, reference: str) -> Html:
    return element("span", element("i", side) if side else "", foreign(reference))


def warnings(lines: Sequence[str]) -> Html:
    """The first ones, the others on demand."""
    if not lines:
        return Html()
    items = [element("li", foreign(line)) for line in lines]
    shown = element("ul", *items[:_WARNINGS])
    more = items[_WARNINGS:]
    if not more:
        return element("aside", shown, class_="warnings")
    rest = element("details", element("summary", f"{len(more)} more"), element("ul", *more))
    return element("aside", shown, rest, class_="warnings")


_IMAGE_WORDS = (
    "wire: compressed, what a node pulls; a file's share of it is an estimate (≈)."
    " unpacked: the content of all files in all layers. visible: what of that a container"
    " can see. dead: the rest, stored and pulled though nobody can read it."
)


def foot(command: str, words: str = _IMAGE_WORDS) -> Html:
    """Where the page is from, and what its words mean."""
    return element(
        "footer",
        element("p", "Made by ", element("code", command), f". {words}"),
    )
