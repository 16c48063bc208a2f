"""The JSON of Debian's security tracker (security-tracker.debian.org, `/tracker/data/json`).

Source: Debian's security team, "Debian Security Tracker", and the tracker's own export: by source
package, by CVE, for each release by its codename a `status` (`open`, `resolved`, `undetermined`),
an `urgency`, and where it is resolved a `fixed_version`, `0` for a release that was never affected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.bases.advisories.advisory import Advisory
from lightship.bases.advisories.unusable import unusable
from lightship.bases.versions import dpkg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lightship.bases.advisories.advisory import Book, Ecosystem, Source, Subject
    from lightship.model.results.base_advisories import Level

_NEVER = "0"
_END_OF_LIFE = "end-of-life"
_LEVELS: dict[str, Level] = {
    "unimportant": "negligible",
    "low": "low",
    "medium": "medium",
    "high": "high",
}
_REMARKS = {_END_OF_LIFE: "the package's support has ended", "unimportant": "unimportant"}


class _Release(Struct):
    status: str
    urgency: str = ""
    fixed_version: str | None = None
    nodsa: str | None = None


class _Issue(Struct):
    releases: dict[str, _Release] = {}


_PACKAGES = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ISSUES = msgspec.json.Decoder(dict[str, _Issue])


class DebianTracker:
    """The whole export. Of packages that nobody asks for only the bytes are kept."""

    def __init__(self, source: Source, data: bytes | bytearray) -> None:
        """Read it.

        Raises:
            CorruptInputError: it is not of this form.
        """
        self.source = source
        self._releases: set[str] = set()
        try:
            self._packages: Mapping[str, msgspec.Raw] = _PACKAGES.decode(data)
            self._unread = iter(self._packages.items())
        except (msgspec.DecodeError, UnicodeError, RecursionError) as problem:
            raise unusable(source.place, str(problem)) from None

    def covers(self, ecosystem: Ecosystem) -> bool:
        """Whether any package has anything about the release."""
        if ecosystem.distribution != "debian":
            return False
        while ecosystem.codename not in self._releases:
            package = next(self._unread, None)
            if package is None:
                return False
            for issue in self._read(*package).values():
                self._releases.update(issue.releases)
        return True

    def missing(self, ecosystem: Ecosystem, asked: Sequence[Book]) -> str:  # noqa: ARG002 - it is whole
        """Nothing: it has every package of every release."""
        return ""

    def found(self, ecosystem: Ecosystem, subjects: Sequence[Subject]) -> Iterator[Advisory]:
        """What the release's packages have; those that are resolved are left out."""
        issues: dict[str, dict[str, _Issue]] = {}
        for subject in subjects:
            name = subject.source_name
            if name not in issues:
                raw = self._packages.get(name)
                issues[name] = self._read(name, raw) if raw is not None else {}
            for identity, issue in issues[name].items():
                release = issue.releases.get(ecosystem.codename)
                if release is not None:
                    yield from _judged(identity, release, subject)

    def _read(self, name: str, raw: msgspec.Raw) -> dict[str, _Issue]:
        try:
            return _ISSUES.decode(raw)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as problem:
            raise unusable(self.source.place, f"{name}: {problem}") from None


def _judged(identity: str, release: _Release, subject: Subject) -> Iterator[Advisory]:
    fixed = release.fixed_version if release.status == "resolved" else None
    undetermined = release.status not in ("open", "resolved")
    if release.status == "resolved":
        if fixed is None or fixed == _NEVER:
            return
        try:
            if dpkg.key(subject.source_version) >= dpkg.key(fixed):
                return
        except ValueError:
            undetermined = True
    urgency = release.urgency.rstrip("*")
    yield Advisory(
        id=identity,
        package=subject.name,
        severity=_LEVELS.get(urgency),
        fixed_version=fixed,
        undetermined=undetermined,
        remark=_REMARKS.get(urgency)
        or ("no advisory is planned" if release.nodsa is not None and fixed is None else ""),
    )
