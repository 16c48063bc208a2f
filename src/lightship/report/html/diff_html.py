"""`diff` as a page: how much, what a node pays, and which layer and directory did it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.diff_text import pull_lines, verdict_lines
from lightship.report.html.diff_tables import directories, files, instructions, sizes
from lightship.report.html.elements import Html, element, joined
from lightship.report.html.heads import foot, head, warnings
from lightship.report.html.page import page
from lightship.report.paper import Look
from lightship.report.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.results.diff import DiffResult
    from lightship.report.paper import Line

_SCRIPTS = ("format.js", "theme.js", "tables.js", "diff.js")
_UNWRAPPED = Look(width=100_000)


def diff_html(result: DiffResult) -> str:
    """The page of two images; as `inspect_html`, it needs nothing from elsewhere."""
    a, b = result.a, result.b
    facts = [a.platform if a.platform == b.platform else f"{a.platform} → {b.platform}"]
    layers = counted(b.layers, "layer")
    facts.append(layers if a.layers == b.layers else f"{a.layers} → {layers}")
    if result.verified == "cached":
        facts.append("layers known from the cache")
    parts = [
        warnings(result.warnings),
        *_told(verdict_lines(result, _UNWRAPPED), "verdict"),
    ]
    if not result.identical:
        parts += [
            sizes(result),
            element(
                "section",
                element("h2", "What a node pays"),
                *_told(pull_lines(result, _UNWRAPPED)),
            ),
            directories(result),
            instructions(result),
            files(result),
        ]
    body = joined(
        head([("A", a.reference), ("B", b.reference)], ", ".join(facts)),
        element("main", *parts),
        foot("lightship diff"),
    )
    return page(f"{a.reference} → {b.reference} - lightship", body, _SCRIPTS)


def _told(lines: Sequence[Line], class_: str | None = None) -> list[Html]:
    """Lines of the report in text as paragraphs."""
    texts = ["".join(span.text for span in line) for line in lines]
    return [element("p", line, class_=class_) for line in texts]
