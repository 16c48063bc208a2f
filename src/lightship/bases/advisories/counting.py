"""Known vulnerabilities of an image's packages, counted."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct, field

from lightship.bases.advisories.advisory import UNASKED, Advisory
from lightship.bases.advisories.ecosystems import Installed, installed_in
from lightship.errors import LightshipError
from lightship.model.results.base_advisories import (
    AdvisoryCounts,
    AdvisoryEcosystem,
    AdvisorySource,
    Severities,
    Vulnerabilities,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.bases.advisories.advisory import Advisories, Book, Source
    from lightship.bases.inside import Inside

GOOD_FOR_DAYS = 7
"""New vulnerabilities are told every day: older data misses too many."""
_WORST_FIRST = ("critical", "high", "medium", "low", "negligible", None)


class Known(Struct):
    """What is known of an image's packages: the advisories, by ecosystem."""

    installed: Installed
    advisories: list[Advisory] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    missing: str = ""
    notes: list[str] = field(default_factory=list)


def counted(inside: Inside, advisories: Advisories, today: date) -> AdvisoryCounts:
    """The vulnerabilities of an image that was read; nothing is raised.

    Args:
        inside: the image.
        advisories: what is asked.
        today: the day by which the data is fresh or stale.
    """
    return counts(known(installed_in(inside), advisories), advisories, today)


def known(ecosystems: Iterable[Installed], advisories: Advisories) -> list[Known]:
    """What the books say of packages; a book that cannot be read is a note."""
    return [_known(ecosystem, advisories.books) for ecosystem in ecosystems]


def counts(ecosystems: Sequence[Known], advisories: Advisories, today: date) -> AdvisoryCounts:
    """The counts of what is known."""
    used = sorted({number for one in ecosystems for number in one.asked})
    rows = tuple(_row(one, used) for one in ecosystems)
    looked_up = [one for one, row in zip(ecosystems, rows, strict=True) if row.vulnerabilities]
    everything = [advisory for one in looked_up for advisory in one.advisories]
    return AdvisoryCounts(
        vulnerabilities=_vulnerabilities(everything) if looked_up else None,
        complete=all(
            row.vulnerabilities and not row.why and row.looked_up == row.packages for row in rows
        ),
        ecosystems=rows,
        sources=tuple(_source(advisories.books[number].source, today) for number in used),
        notes=tuple(
            dict.fromkeys((*advisories.notes, *(note for one in ecosystems for note in one.notes)))
        ),
    )


def _known(installed: Installed, books: Sequence[Book]) -> Known:
    found = Known(installed, missing=UNASKED.get(installed.ecosystem.system, ""))
    if found.missing:
        return found
    seen: set[tuple[str, str]] = set()
    for number, book in enumerate(books):
        try:
            if not book.covers(installed.ecosystem):
                continue
            told = list(book.found(installed.ecosystem, installed.subjects))
        except LightshipError as problem:
            found.notes.append(str(problem))
            continue
        found.asked.append(number)
        # Where two books tell of the same, the first has it.
        news = [one for one in told if (one.id, one.package) not in seen]
        found.advisories += news
        seen |= {(one.id, one.package) for one in news}
    asked = [books[number] for number in found.asked]
    missing = [book.missing(installed.ecosystem, asked) for book in asked]
    if all(missing):  # what one book does not have, another may
        found.missing = next(iter(missing), "")
    return found


def _row(one: Known, used: Sequence[int]) -> AdvisoryEcosystem:
    why = one.missing
    if not one.asked and not why:
        why = f"there is no advisory data for {one.installed.ecosystem.name}"
    return AdvisoryEcosystem(
        name=one.installed.ecosystem.name,
        kind="distribution" if one.installed.ecosystem.distribution else "language",
        packages=one.installed.packages,
        looked_up=len(one.installed.subjects) if one.asked else 0,
        vulnerabilities=_vulnerabilities(one.advisories) if one.asked else None,
        why=why,
        sources=tuple(map(used.index, one.asked)),
    )


def _vulnerabilities(advisories: Sequence[Advisory]) -> Vulnerabilities:
    certain: dict[str, list[Advisory]] = {}
    for one in advisories:
        if not one.undetermined:
            certain.setdefault(one.id, []).append(one)
    levels = [_worst(same) for same in certain.values()]
    return Vulnerabilities(
        all=len(certain),
        fixable=sum(all(one.fixed_version for one in same) for same in certain.values()),
        severities=Severities(**{name or "unknown": levels.count(name) for name in _WORST_FIRST}),
        packages=len({one.package for same in certain.values() for one in same}),
        undetermined=len({one.id for one in advisories if one.undetermined} - certain.keys()),
    )


def _worst(same: Iterable[Advisory]) -> str | None:
    return min((one.severity for one in same), key=_WORST_FIRST.index)


def _source(source: Source, today: date) -> AdvisorySource:
    stale = ""
    if source.date is None:
        stale = "nothing tells how old it is"
    elif (days := (today - date.fromisoformat(source.date)).days) > GOOD_FOR_DAYS:
        stale = f"it is {days} days old"
    return AdvisorySource(kind=source.kind, place=source.place, date=source.date, stale=stale)
