"""An image's packages as advisories are asked for them: by the place that they are from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from lightship.analysis.ledger import NO_PACKAGE
from lightship.analysis.lookup import FoundFile, Lookup
from lightship.analysis.os_release import OsRelease, os_release
from lightship.analysis.packages.systems import DISTRIBUTIONS
from lightship.bases.advisories.advisory import Ecosystem, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.analysis.ledger import Ledger
    from lightship.analysis.packages.package import Package
    from lightship.bases.inside import Inside

_CODENAMES = {"9": "stretch", "10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie"}
"""Of Debian's releases: distroless images leave them out."""
_UNKNOWN = OsRelease(id="an unnamed distribution")


class Installed(Struct):
    """The packages of one ecosystem.

    Attributes:
        packages: how many there are.
        subjects: those with a version, which can be looked up.
    """

    ecosystem: Ecosystem
    packages: int = 0
    subjects: list[Subject] = field(default_factory=list)


def installed_in(inside: Inside) -> list[Installed]:
    """An image's packages; a language's that a distribution installed count as the latter's."""
    system = os_release(inside.ledger.records)
    return by_ecosystem(_own(inside.ledger), system)


def by_ecosystem(packages: Iterable[Package], system: OsRelease | None) -> list[Installed]:
    """Packages by the place that they are from."""
    found: dict[Ecosystem, Installed] = {}
    ecosystems: dict[str, Ecosystem] = {}
    for package in packages:
        ecosystem = ecosystems.get(package.system)
        if ecosystem is None:
            ecosystem = ecosystems[package.system] = _ecosystem(package.system, system or _UNKNOWN)
        one = found.setdefault(ecosystem, Installed(ecosystem))
        one.packages += 1
        if package.version:
            version = f"{package.epoch}:{package.version}" if package.epoch else package.version
            one.subjects.append(
                Subject(
                    name=package.name,
                    version=version,
                    source_name=package.source_name or package.name,
                    source_version=package.source_version or version,
                )
            )
    return list(found.values())


def _ecosystem(system: str, told: OsRelease) -> Ecosystem:
    if system not in DISTRIBUTIONS:
        return Ecosystem(system)
    name, _, release = told.system.partition(" ")
    if told is _UNKNOWN:
        name, release = told.id, ""
    if name == "alpine" and "_alpha" in told.version_id:
        release = "edge"  # which is called what the next release will be
    codename = told.codename
    if name == "debian" and not codename:
        codename = _CODENAMES.get(release, "")
    return Ecosystem(system, name, release, codename)


def _own(ledger: Ledger) -> Iterable[Package]:
    """All packages but those whose own record a distribution's package installed."""
    packages = ledger.ownership.packages
    distributions = [package.system in DISTRIBUTIONS for package in packages]
    lookup = Lookup(ledger.tree)
    for package, is_one in zip(packages, distributions, strict=True):
        if is_one or not _installed(ledger, lookup.file(package.source), distributions):
            yield package


def _installed(ledger: Ledger, file: FoundFile | None, distributions: list[bool]) -> bool:
    """Whether a distribution's package owns a file."""
    if file is None:
        return False
    owner = ledger.ownership.owner_of[file.record]
    return owner != NO_PACKAGE and distributions[owner - 1]
