"""What advisories are asked, and what they answer, whatever their source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.model.results.base_advisories import Level

LANGUAGES = {
    "python": "PyPI",
    "npm": "npm",
    "gem": "RubyGems",
    "go": "Go",
    "java": "Maven",
    "composer": "Packagist",
    "r": "CRAN",
    "conda": "conda",
}
"""What people call the place that a language's packages are from, by package system."""

UNASKED = {
    "java": "advisories name the group of a Java archive, which is not read",
    "go": "the modules inside of Go's programs are not looked up",
    "conda": "nobody publishes advisories of conda's packages",
}
"""Systems whose packages are not looked up, since what is found would be too little, and why."""


class Ecosystem(Struct, frozen=True):
    """Where packages are from: one release of a distribution, or one language's index.

    Attributes:
        system: the package system, which has the ordering of the versions: `dpkg`, `python`.
        distribution: as os-release(5) has it: `debian`; empty for a language's packages.
        release: `12`, `3.20`, `24.04`; empty where there is none (`wolfi`).
        codename: `bookworm`; empty where the distribution has none.
    """

    system: str
    distribution: str = ""
    release: str = ""
    codename: str = ""

    @property
    def name(self) -> str:
        """For people: `debian 12`, `PyPI`; foreign text."""
        if self.distribution:
            return f"{self.distribution} {self.release or self.codename}".strip()
        return LANGUAGES.get(self.system, self.system)


class Subject(Struct, frozen=True):
    """An installed package that is looked up.

    Attributes:
        version: with its epoch where it has one.
        source_name, source_version: of the source package that it was built from; its own where it
            has none.
    """

    name: str
    version: str
    source_name: str
    source_version: str


class Advisory(Struct, frozen=True):
    """One vulnerability of one installed package.

    Attributes:
        id: a CVE where it has one; foreign text.
        package: the name of the installed package.
        severity: None where the source does not say.
        fixed_version: None where there is no fix, or none is told.
        undetermined: whether the source, or its version, leaves open if the package is affected.
        remark: what the source's makers say of it, a clause: `no advisory is planned`.
    """

    id: str
    package: str
    severity: Level | None = None
    fixed_version: str | None = None
    undetermined: bool = False
    remark: str = ""


class Source(Struct, frozen=True):
    """Where advisories are from.

    Attributes:
        kind: for people: `Debian security tracker`, `Alpine secdb`, `OSV`.
        place: the path or URL.
        date: of the data, RFC 3339 day; None where nobody knows it.
    """

    kind: str
    place: str
    date: str | None = None


class Book(Protocol):
    """The advisories of one source."""

    @property
    def source(self) -> Source:
        """Where they are from."""

    def covers(self, ecosystem: Ecosystem) -> bool:
        """Whether it would say so if packages of this ecosystem were vulnerable.

        Raises:
            LightshipError: nobody can tell: the source cannot be read.
        """

    def missing(self, ecosystem: Ecosystem, asked: Sequence[Book]) -> str:
        """What neither it nor others that were `asked` have of an ecosystem; a clause, or empty."""

    def found(self, ecosystem: Ecosystem, subjects: Sequence[Subject]) -> Iterable[Advisory]:
        """What is known of packages of an ecosystem that is covered.

        Raises:
            LightshipError: the source cannot be read.
        """


class Advisories(Struct, frozen=True):
    """All the books that are asked, and what of them could not be used, one line each."""

    books: tuple[Book, ...] = ()
    notes: tuple[str, ...] = ()
