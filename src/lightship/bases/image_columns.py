"""What is known of a base in columns: of an image that was opened."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lightship.analysis.lookup import Lookup
from lightship.analysis.os_release import os_release
from lightship.analysis.packages.systems import DISTRIBUTIONS
from lightship.bases.columns import age_days, supported
from lightship.bases.support import support_of_image
from lightship.model.results.base_facts import BaseFacts, CountFact, TextFact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.bases.inside import Inside
    from lightship.bases.known import Known

SOURCE = "the image itself"
# The loaders' names: musl's documentation ("ld-musl-$(ARCH).so.1"), and glibc's wiki, ABIList.
_MUSL, _GLIBC = b"ld-musl-", (b"ld-linux", b"ld64.so", b"ld.so.1")
_LIBRARIES = (b"lib", b"lib64")
_LIBC_PACKAGES = {"glibc": ("libc6", "libc6.1", "glibc"), "musl": ("musl",)}
_MANAGERS = ("apt-get", "apk", "microdnf", "dnf5", "dnf", "tdnf", "yum", "zypper", "pacman", "opkg")
_INSTALLERS = ("dpkg", "rpm")
"""Of packages that somebody else fetched."""
_SPOKEN = {"apt-get": "apt", "dnf5": "dnf"}
_FIRST_DAY = date(1980, 1, 2)
"""Before it lie the days that builds which can be repeated put in place of the real one."""


def facts_of_image(inside: Inside, known: Known) -> BaseFacts:
    """What an image that was read tells; what only its makers know, of its row where it has one."""
    lookup = Lookup(inside.ledger.tree)
    told = os_release(inside.ledger.records)
    support = support_of_image(inside, known)
    row = known.find_image(inside)
    libc = _libc(lookup)
    created = _day(inside.created)
    version = row.version if row is not None else None
    if version is None and support.product is not None:
        version = support.product.release
    packages = inside.ledger.ownership.packages
    return BaseFacts(
        wire_bytes=_count(inside.wire_bytes, about=_is_estimated(inside)),
        unpacked_bytes=_count(inside.unpacked_bytes),
        layers=_count(len(inside.scans)),
        packages=_count(sum(one.system in DISTRIBUTIONS for one in packages)),
        system=_text(told.system if told is not None else None),
        version=_text(version),
        libc=_text(libc),
        libc_version=_text(_libc_version(inside, libc)),
        package_manager=_text(_manager(inside, lookup)),
        shell=_text("/bin/sh" if lookup.file(b"bin/sh") is not None else "none"),
        user=_text(inside.settings.user or "root"),
        created=_text(created.isoformat() if created is not None else None),
        age_days=age_days(created, known.today),
        support=supported(support),
        platforms=row.platforms if row is not None else (),
    )


def programs_of(inside: Inside, names: Iterable[str]) -> tuple[str, ...]:
    """Those of some programs that are in the directories of PATH, as they were asked for."""
    lookup = Lookup(inside.ledger.tree)
    return tuple(name for name in names if _has(inside, lookup, name))


def _has(inside: Inside, lookup: Lookup, name: str) -> bool:
    word = name.encode()
    return any(
        lookup.file(folder + b"/" + word) is not None for folder in inside.settings.search_path
    )


def _is_estimated(inside: Inside) -> bool:
    return any(scan.wire.estimated for scan in inside.scans)


def _libc(lookup: Lookup) -> str:
    """The C library that programs find there: that of the loader."""
    found = set()
    for place in _LIBRARIES:
        directory = lookup.directory(place)
        for name in directory.children if directory is not None else ():
            if name.startswith(_MUSL):
                found.add("musl")
            elif name.startswith(_GLIBC):
                found.add("glibc")
    # Where both are, musl came as a package (Debian's `musl`): a system of musl has but its own,
    # and gcompat's name for it.
    if found == {"glibc", "musl"}:
        return "musl" if lookup.file(b"etc/alpine-release") is not None else "glibc"
    return next(iter(found), "none")


def _libc_version(inside: Inside, libc: str) -> str | None:
    names = _LIBC_PACKAGES.get(libc, ())
    for package in inside.ledger.ownership.packages:
        if package.system in DISTRIBUTIONS and package.name in names and package.version:
            return package.version.partition("-")[0]
    return None


def _manager(inside: Inside, lookup: Lookup) -> str:
    found = next((name for name in (*_MANAGERS, *_INSTALLERS) if _has(inside, lookup, name)), None)
    return _SPOKEN.get(found, found) if found is not None else "none"


def _day(created: str | None) -> date | None:
    try:
        day = date.fromisoformat((created or "")[:10])
    except ValueError:
        return None
    return day if day >= _FIRST_DAY else None


def _text(value: str | None) -> TextFact:
    return TextFact() if value is None else TextFact(value=value, source=SOURCE, state="fresh")


def _count(value: int, *, about: bool = False) -> CountFact:
    return CountFact(value=value, source=SOURCE, state="fresh", about=about)
