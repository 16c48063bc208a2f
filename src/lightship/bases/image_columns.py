"""What is known of a base in columns: of an image that was opened."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lightship.analysis.os_release import os_release
from lightship.analysis.packages.systems import DISTRIBUTIONS
from lightship.bases.columns import age_days, supported
from lightship.bases.support import support_of_image
from lightship.bases.system_traits import c_library, has_program, package_manager, shell
from lightship.model.results.base_facts import BaseFacts, CountFact, TextFact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.bases.inside import Inside
    from lightship.bases.known import Known
    from lightship.catalogue.base_images import Libc

SOURCE = "the image itself"
_LIBC_PACKAGES = {"glibc": ("libc6", "libc6.1", "glibc"), "musl": ("musl",)}
_FIRST_DAY = date(1980, 1, 2)
"""Before it lie the days that builds which can be repeated put in place of the real one."""


def facts_of_image(inside: Inside, known: Known) -> BaseFacts:
    """What an image that was read tells; what only its makers know, of its row where it has one."""
    told = os_release(inside.ledger.records)
    support = support_of_image(inside, known)
    row = known.find_image(inside)
    libc = c_library(inside)
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
        package_manager=_text(package_manager(inside)),
        shell=_text(shell(inside)),
        user=_text(inside.settings.user or "root"),
        created=_text(created.isoformat() if created is not None else None),
        age_days=age_days(created, known.today),
        support=supported(support),
        platforms=row.platforms if row is not None else (),
    )


def programs_of(inside: Inside, names: Iterable[str]) -> tuple[str, ...]:
    """Those of some programs that are in the directories of PATH, as they were asked for."""
    return tuple(name for name in names if has_program(inside, name))


def _is_estimated(inside: Inside) -> bool:
    return any(scan.wire.estimated for scan in inside.scans)


def _libc_version(inside: Inside, libc: Libc | None) -> str | None:
    names = _LIBC_PACKAGES.get(libc or "none", ())
    for package in inside.ledger.ownership.packages:
        if package.system in DISTRIBUTIONS and package.name in names and package.version:
            return package.version.partition("-")[0]
    return None


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
