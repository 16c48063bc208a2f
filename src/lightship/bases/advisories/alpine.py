"""Alpine's secdb, as Wolfi and Chainguard publish it too.

Source: alpine-secdb and wolfi-dev/secdb: `packages` of source packages, each with `secfixes`: by
the version that fixes them the vulnerabilities, `0` for those that never were in a package. A
vulnerability's name may have others behind it, after spaces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.bases.advisories.advisory import Advisory
from lightship.bases.advisories.unusable import unusable
from lightship.bases.versions import apk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.bases.advisories.advisory import Book, Ecosystem, Source, Subject

_NEVER = "0"
_ALPINE = "alpine"
_WITHOUT_RELEASES = {"wolfi": "wolfi", "chainguard": "chainguard"}
REPOSITORIES = ("main", "community")
"""Of a release of Alpine, each with a file of its own."""


class _Package(Struct):
    name: str
    secfixes: dict[str, list[str] | None] | None = None


class _Entry(Struct):
    pkg: _Package


class SecdbFile(Struct):
    """The file."""

    packages: list[_Entry]
    distroversion: str = ""
    reponame: str = ""
    urlprefix: str = ""

    @property
    def distribution(self) -> str:
        """As os-release(5) has it."""
        if self.distroversion:
            return _ALPINE
        found = (name for name in _WITHOUT_RELEASES if name in self.urlprefix)
        return next(found, "")


class Secdb:
    """The files of one release, of one or several of its repositories."""

    def __init__(self, source: Source, file: SecdbFile) -> None:
        """Take a file.

        Raises:
            CorruptInputError: it does not say which distribution it is of.
        """
        self.source = source
        self._distribution = file.distribution
        if not self._distribution:
            raise unusable(source.place, "a secdb that does not say which distribution it is of")
        self._release = file.distroversion.removeprefix("v")
        self.repository = file.reponame
        self._fixes = _fixes(file)

    def covers(self, ecosystem: Ecosystem) -> bool:
        """Whether it is of this distribution and release."""
        return (ecosystem.distribution, ecosystem.release) == (self._distribution, self._release)

    def missing(self, ecosystem: Ecosystem, asked: Sequence[Book]) -> str:
        """That there is no file of another of the release's repositories."""
        if self._distribution != _ALPINE:
            return ""
        there = {book.repository for book in asked if isinstance(book, Secdb)}
        others = " and ".join(name for name in REPOSITORIES if name not in there)
        return (
            f"of {ecosystem.name} there is no data about its repository {others}" if others else ""
        )

    def found(self, ecosystem: Ecosystem, subjects: Sequence[Subject]) -> Iterator[Advisory]:  # noqa: ARG002 - it is of one ecosystem
        """What later versions fixed."""
        for subject in subjects:
            for identity, fixed in self._fixes.get(subject.source_name, {}).items():
                older = _is_older(subject.source_version, fixed)
                if older is not False:
                    yield Advisory(
                        id=identity,
                        package=subject.name,
                        fixed_version=fixed,
                        undetermined=older is None,
                    )


def read_secdb(place: str, data: bytes | bytearray) -> SecdbFile:
    """The file.

    Raises:
        CorruptInputError: it is not of this form.
    """
    try:
        return msgspec.json.decode(data, type=SecdbFile)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as problem:
        raise unusable(place, str(problem)) from None


def _fixes(file: SecdbFile) -> dict[str, dict[str, str]]:
    """By package and vulnerability the version that fixes it: the last, where it took several."""
    found: dict[str, dict[str, str]] = {}
    for entry in file.packages:
        fixes = found.setdefault(entry.pkg.name, {})
        for version, names in (entry.pkg.secfixes or {}).items():
            identities = {name.split(maxsplit=1)[0] for name in names or () if name.strip()}
            for identity in identities if version != _NEVER else ():
                before = fixes.get(identity)
                if before is None or _is_older(before, version):
                    fixes[identity] = version
    return found


def _is_older(version: str, other: str) -> bool | None:
    """None where one of them is no version of apk."""
    try:
        return apk.key(version) < apk.key(other)
    except ValueError:
        return None
