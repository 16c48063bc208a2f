"""`base list` as a page: a plot of size against age, and every base in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.base_facts_words import (
    age,
    nearest,
    number,
    size,
    stale_notes,
    support_long,
    support_short,
    word,
)
from lightship.report.base_list_text import explained, head
from lightship.report.html import heads
from lightship.report.html.base_plot import base_plot
from lightship.report.html.elements import Html, cell, element, foreign, joined, table
from lightship.report.html.page import page

if TYPE_CHECKING:
    from lightship.model.results.base_facts import BaseFacts, CountFact, TextFact
    from lightship.model.results.base_list import BaseListResult, ListedBase

SCRIPTS = ("format.js", "theme.js", "tables.js", "diff.js")
WORDS = (
    "wire: compressed, what a node pulls. unpacked: the content of all files in all layers."
    " support: of the system and of what the base is made for, whichever ends first."
    " ?: nobody knows. *: stale, nobody should rely on it."
)
_COLUMNS = [
    ("base", ""),
    ("wire", "n"),
    ("unpacked", "n"),
    ("support", ""),
    ("age", "n"),
    ("libc", ""),
    ("manager", ""),
    ("shell", ""),
    ("user", ""),
    ("system", ""),
    ("packages", "n"),
]
_LATE = 10**9
"""What is unknown is sorted behind what is known."""


def base_list_html(result: BaseListResult) -> str:
    """The page; as `inspect_html`, it needs nothing from elsewhere."""
    facts = {one.name: one.facts for one in result.bases}
    rows = [_row(one) for one in result.bases]
    body = joined(
        heads.head([("", "Base images")], head(result)),
        element(
            "main",
            heads.warnings(result.warnings),
            base_plot([(one.name, one.facts) for one in result.bases]),
            element(
                "section",
                element("h2", "All of them"),
                table("sortable bases", "Base images", _COLUMNS, rows),
                marks([*stale_notes(facts), *explained(result, result.bases)]),
                id="bases",
            ),
        ),
        heads.foot("lightship base list", WORDS),
    )
    return page("Base images - lightship", body, SCRIPTS)


def marks(notes: list[str]) -> Html:
    """What the signs in a table mean."""
    return joined(*(element("p", element("small", foreign(note))) for note in notes))


def source_of(fact: CountFact | TextFact) -> str | None:
    """Where a fact is from, of which day, and why nobody should rely on it."""
    if fact.source is None:
        return None
    day = f", {fact.seen}" if fact.seen else ""
    return f"{fact.source}{day}{f'; stale: {fact.why}' if fact.why else ''}"


def support_class(facts: BaseFacts) -> str | None:
    """How a base's support is coloured."""
    return {"dead": "ended", "warn": "soon"}.get(support_short(facts)[1])


def _row(one: ListedBase) -> list[Html]:
    facts = one.facts
    support = nearest(facts.support)
    days = support.days if support is not None and support.days is not None else _LATE
    return [
        element("td", foreign(one.name)),
        _counted(size(facts.wire_bytes), facts.wire_bytes),
        _counted(size(facts.unpacked_bytes), facts.unpacked_bytes),
        element(
            "td",
            "?" if support is None else foreign(support_long(support)),
            class_=support_class(facts),
            data_value=days,
        ),
        cell(age(facts), class_="n", value=-1 if facts.age_days is None else facts.age_days),
        _word(facts.libc),
        _word(facts.package_manager),
        _word(facts.shell),
        _word(facts.user),
        _word(facts.system),
        _counted(number(facts.packages), facts.packages),
    ]


def _counted(text: str, fact: CountFact) -> Html:
    value = -1 if fact.value is None else fact.value
    return element("td", text, class_="n", data_value=value, title=source_of(fact))


def _word(fact: TextFact) -> Html:
    return element("td", foreign(word(fact)), class_="short", title=source_of(fact))
