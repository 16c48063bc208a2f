"""Images beside each other: what is in each, and what only one of them has."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from lightship.analysis.ledger import NO_PACKAGE
from lightship.analysis.packages.systems import DISTRIBUTIONS
from lightship.analysis.permissions import SETUID
from lightship.bases.advisories.counting import counted
from lightship.bases.image_columns import programs_of
from lightship.model.entry import Kind
from lightship.model.results.base_compare import OwnPackage, Seen
from lightship.printable import decode_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from lightship.bases.advisories.advisory import Advisories
    from lightship.bases.inside import Inside

_COMPILERS = ("cc", "gcc", "g++", "clang", "go", "rustc", "cargo", "javac", "make")
_DOWNLOADERS = ("curl", "wget", "git", "pip", "npm", "gem")
_EXECUTABLE = 0o111
_MOST_PATHS = 100
_MOST_PACKAGES = 20


def seen_of(
    number: int, insides: Mapping[int, Inside], advisories: Advisories | None, today: date
) -> Seen:
    """What looking into one of several images tells.

    Args:
        number: of the image.
        insides: the opened images by their numbers.
        advisories: what is asked about its packages; None for nothing.
        today: the day by which advisories are fresh or stale.
    """
    inside = insides[number]
    packages = inside.ledger.ownership.packages
    setuid = sorted(_setuid(inside))
    own = _only_here(number, insides)
    return Seen(
        visible_bytes=sum(sum(place.sizes) for place in inside.ledger.places),
        files=inside.ledger.tree.files,
        language_packages=sum(one.system not in DISTRIBUTIONS for one in packages),
        setuid_programs=tuple(decode_path(path) for path in islice(setuid, _MOST_PATHS)),
        setuid_count=len(setuid),
        compilers=programs_of(inside, _COMPILERS),
        downloaders=programs_of(inside, _DOWNLOADERS),
        only_here=tuple(own[:_MOST_PACKAGES]),
        only_here_count=len(own),
        vulnerabilities=counted(inside, advisories, today) if advisories is not None else None,
    )


def _setuid(inside: Inside) -> list[bytes]:
    """Programs that run as their owner, whoever starts them."""
    return [
        entry.path
        for entry in inside.ledger.tree.walk()
        if entry.kind is Kind.REGULAR and entry.mode & SETUID and entry.mode & _EXECUTABLE
    ]


def _only_here(number: int, insides: Mapping[int, Inside]) -> list[OwnPackage]:
    """Packages that no other image has, by system and name; the biggest first."""
    if len(insides) < 2:
        return []
    elsewhere = {
        (one.system, one.name)
        for other, inside in insides.items()
        if other != number
        for one in inside.ledger.ownership.packages
    }
    sizes = _package_bytes(insides[number])
    packages = insides[number].ledger.ownership.packages
    own = [
        OwnPackage(name=one.name, version=one.version, system=one.system, visible_bytes=count)
        for one, count in zip(packages, sizes, strict=True)
        if (one.system, one.name) not in elsewhere
    ]
    return sorted(own, key=lambda one: (-one.visible_bytes, one.system, one.name))


def _package_bytes(inside: Inside) -> list[int]:
    """Visible bytes of each package."""
    ownership = inside.ledger.ownership
    taken = [0] * (len(ownership.packages) + 1)
    for place in inside.ledger.places:
        for record, count in zip(place.records, place.sizes, strict=True):
            taken[ownership.owner_of[record]] += count
    return taken[NO_PACKAGE + 1 :]
