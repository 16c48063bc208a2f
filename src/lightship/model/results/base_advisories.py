"""Known vulnerabilities of an image's packages, counted. Unknown is None, never 0."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Level = Literal["critical", "high", "medium", "low", "negligible"]


class Severities(Struct, frozen=True, kw_only=True):
    """Vulnerabilities by how bad their source says they are; `unknown` where it does not say."""

    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    negligible: int = 0
    unknown: int = 0


class Vulnerabilities(Struct, frozen=True, kw_only=True):
    """Distinct vulnerabilities; one that several packages have is counted once.

    Attributes:
        all: that the packages have.
        fixable: of these, those for which the source names a fixed version for every package.
        packages: that have at least one.
        undetermined: besides, vulnerabilities of which the source, or a version that cannot be
            compared, leaves open whether the packages have them.
    """

    all: int
    fixable: int
    severities: Severities
    packages: int
    undetermined: int = 0


class AdvisoryEcosystem(Struct, frozen=True, kw_only=True):
    """The packages of one distribution's release, or of one language.

    Attributes:
        name: `debian 12`, `PyPI`; foreign text.
        packages: how many there are; those without a version are not looked up.
        looked_up: of these.
        vulnerabilities: None where no source had anything about this ecosystem.
        why: they are None, or something is missing, a clause; else empty.
        sources: numbers in `AdvisoryCounts.sources`.
    """

    name: str
    kind: Literal["distribution", "language"]
    packages: int
    looked_up: int
    vulnerabilities: Vulnerabilities | None
    why: str = ""
    sources: tuple[int, ...] = ()


class AdvisorySource(Struct, frozen=True, kw_only=True):
    """Where advisories are from.

    Attributes:
        date: of the data, `2026-01-31`; None where nobody knows it.
        stale: why nobody should rely on it, a clause; empty where it is fresh.
    """

    kind: str
    place: str
    date: str | None
    stale: str = ""


class AdvisoryCounts(Struct, frozen=True, kw_only=True):
    """What is known of an image's packages.

    Attributes:
        sources: those that had something about one of the ecosystems.
        vulnerabilities: of all ecosystems that were looked up; None where none was.
        complete: whether every ecosystem was looked up, with all of its packages.
        notes: sources that could not be used, one line each.
    """

    vulnerabilities: Vulnerabilities | None
    complete: bool
    ecosystems: tuple[AdvisoryEcosystem, ...] = ()
    sources: tuple[AdvisorySource, ...] = ()
    notes: tuple[str, ...] = ()
