"""`base compare` as a page: the answer, facts beside each other, a plot, what is in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.base_compare_rows import in_common, notes, only_here, rows, verdict
from lightship.report.html import heads
from lightship.report.html.base_list_html import SCRIPTS, WORDS, marks
from lightship.report.html.base_plot import base_plot
from lightship.report.html.elements import Html, element, foreign, joined
from lightship.report.html.page import page
from lightship.report.words import counted

if TYPE_CHECKING:
    from lightship.model.results.base_compare import BaseCompareResult
    from lightship.report.base_compare_rows import Row

_CLASSES = {"dead": "ended", "warn": "soon", "bold": "strong"}


def base_compare_html(result: BaseCompareResult) -> str:
    """The page; as `inspect_html`, it needs nothing from elsewhere."""
    opened = sum(one.seen is not None for one in result.images)
    facts = f"{counted(len(result.images), 'image')}, {opened} of them opened; {result.today}"
    names = [one.name for one in result.images]
    body = joined(
        heads.head([("", " · ".join(names))], facts),
        element(
            "main",
            heads.warnings(result.warnings),
            element("p", foreign(verdict(result)), class_="verdict"),
            element("section", element("h2", "Beside each other"), _table(result), id="facts"),
            base_plot([(one.name, one.facts) for one in result.images]),
            _sentences("In common, and what a node pays", list(in_common(result))),
            _sentences(
                "Packages of one alone",
                [f"{name}: {packages}" for name, packages in only_here(result)],
            ),
        ),
        heads.foot("lightship base compare", WORDS),
    )
    return page(f"{', '.join(names)} - lightship", body, SCRIPTS)


def _table(result: BaseCompareResult) -> Html:
    head = [element("th", "", scope="col")]
    head += [element("th", foreign(one.name), scope="col") for one in result.images]
    return joined(
        element(
            "div",
            element(
                "table",
                element("caption", "Facts of each image", class_="unseen"),
                element("thead", element("tr", *head)),
                element("tbody", *(_row(row) for row in rows(result))),
                class_="beside",
            ),
            class_="scroll",
        ),
        marks(notes(result)),
    )


def _row(row: Row) -> Html:
    cells = [element("td", foreign(one.text), class_=_CLASSES.get(one.style)) for one in row.cells]
    return element("tr", element("th", row.label, scope="row"), *cells)


def _sentences(title: str, told: list[str]) -> Html:
    if not told:
        return Html()
    items = [element("li", foreign(one)) for one in told]
    return element("section", element("h2", title), element("ul", *items))
