"""A record of OSV, as far as it is read (ossf.github.io/osv-schema, version 1.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from lightship.bases.advisories.cvss import level_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.model.results.base_advisories import Level

_WORDS: dict[str, Level] = {
    "critical": "critical",
    "important": "high",
    "high": "high",
    "moderate": "medium",
    "medium": "medium",
    "low": "low",
    "negligible": "negligible",
    "unimportant": "negligible",
}


class Event(Struct, gc=False):
    """One of them is there."""

    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None


class Range(Struct):
    """`type` is ECOSYSTEM, SEMVER or GIT."""

    type: str
    events: list[Event] = []


class OsvPackage(Struct):
    """A package, as its ecosystem names it."""

    ecosystem: str
    name: str


class Score(Struct):
    """`type` is CVSS_V3, Ubuntu...; `score` a vector or a word."""

    type: str = ""
    score: str = ""


class Affected(Struct):
    """Which versions of one package are affected."""

    package: OsvPackage | None = None
    ranges: list[Range] | None = None
    versions: list[str] | None = None
    severity: list[Score] | None = None
    ecosystem_specific: Any = None
    database_specific: Any = None


class OsvRecord(Struct):
    """One vulnerability, or one advisory about several."""

    id: str
    modified: str = ""
    withdrawn: str | None = None
    aliases: list[str] | None = None
    upstream: list[str] | None = None
    related: list[str] | None = None
    severity: list[Score] | None = None
    affected: list[Affected] | None = None
    database_specific: Any = None

    def identities(self, *, of_distribution: bool) -> tuple[str, ...]:
        """The vulnerabilities that it is about: CVEs where it names some.

        Args:
            of_distribution: whether it tells of a distribution's packages: then what is `related`
                are the vulnerabilities that an update fixes; elsewhere they are different ones.
        """
        own = [self.id, *(self.aliases or ())]
        for names in (own, self.upstream or (), (self.related or ()) if of_distribution else ()):
            cves = tuple(dict.fromkeys(cve for name in names if (cve := _cve(name))))
            if cves:
                return cves if names is not own else cves[:1]
        # Aliases name the same thing: the first by name stands for all, whoever tells of it.
        return (min(own),)

    def level(self, affected: Affected) -> Level | None:
        """How bad it is for a package; None where nothing says so in a way that is read."""
        for word in _words(affected.ecosystem_specific, affected.database_specific):
            return word
        for score in (*(affected.severity or ()), *(self.severity or ())):
            level = level_of(score.score) or _WORDS.get(score.score.lower())
            if level is not None:
                return level
        return next(_words(self.database_specific), None)


def _words(*places: object) -> Iterator[Level]:
    for place in places:
        if isinstance(place, dict):
            for name in ("severity", "urgency"):
                said = place.get(name)
                if isinstance(said, str) and said.lower() in _WORDS:
                    yield _WORDS[said.lower()]


def _cve(name: str) -> str:
    """The CVE in a name such as `DEBIAN-CVE-2024-1`, `UBUNTU-CVE-2024-1`; empty if it has none."""
    before, found, number = name.partition("CVE-")
    return f"CVE-{number}" if found and (not before or before.endswith("-")) else ""
