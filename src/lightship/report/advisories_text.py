"""Known vulnerabilities for people: in a few words, and with where each number is from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.report.paper import wrapped
from lightship.report.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.model.results.base_advisories import (
        AdvisoryCounts,
        AdvisoryShelf,
        Vulnerabilities,
    )
    from lightship.report.paper import Line, Look

_NAMED = ("critical", "high", "medium", "low")
UNKNOWN = "unknown"


def advisory_words(found: Vulnerabilities | None) -> str:
    """`12 (1 critical, 3 high), 9 with a fix`; `unknown` where nothing was looked up."""
    if found is None:
        return UNKNOWN
    levels = [f"{count} {name}" for name in _NAMED if (count := getattr(found.severities, name))]
    named = f" ({', '.join(levels)})" if levels else ""
    fixable = f", {found.fixable} with a fix" if found.all else ""
    return f"{found.all}{named}{fixable}"


def advisory_lines(counts: AdvisoryCounts, look: Look) -> list[Line]:
    """A line for each shelf, each source with its age, and what could not be used."""
    lines: list[Line] = []
    for text in (*map(_shelf, counts.shelves), *_sources(counts)):
        lines += wrapped(look.ink(text).text, look)
    for note in counts.notes:
        lines += wrapped(look.ink(f"not used: {note}").text, look, "warn")
    return lines


def _shelf(shelf: AdvisoryShelf) -> str:
    packages = counted(shelf.packages, "package")
    if shelf.looked_up != shelf.packages and shelf.vulnerabilities is not None:
        packages = f"{shelf.looked_up} of {packages} looked up"
    said = advisory_words(shelf.vulnerabilities)
    if shelf.vulnerabilities is not None and shelf.vulnerabilities.undetermined:
        said += f", {shelf.vulnerabilities.undetermined} more undetermined"
    why = f": {shelf.why}" if shelf.why else ""
    return f"{shelf.name}, {packages}: {said}{why}"


def _sources(counts: AdvisoryCounts) -> Iterator[str]:
    for source in counts.sources:
        age = f"of {source.date}" if source.date else "of no known day"
        stale = f", stale: {source.stale}" if source.stale else ""
        yield f"{source.kind} {age} ({source.place}){stale}"
