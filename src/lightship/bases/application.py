"""The application of an image: the part that a new base has to carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.entrypoint import Entrypoint, find_entrypoint
from lightship.analysis.ledger import NO_PACKAGE
from lightship.analysis.packages.systems import DISTRIBUTIONS

if TYPE_CHECKING:
    from lightship.bases.inside import Inside


class Application(Struct, frozen=True):
    """What is moved to another base.

    Attributes:
        inside: the image that it is in.
        entrypoint: what its command runs there.
        carried: records of the visible inodes that come along as they are: above the base, and no
            distribution's package owns them. Where nobody knows the base: all that no such package
            owns.
        packages: positions in `ledger.ownership.packages` of the distribution's packages that came
            with layers above the base: they are installed anew, not copied. Where nobody knows the
            base: of all.
    """

    inside: Inside
    entrypoint: Entrypoint
    carried: frozenset[int]
    packages: frozenset[int]


def application_of(inside: Inside) -> Application:
    """Take an image apart."""
    ledger = inside.ledger
    packages = ledger.ownership.packages
    above = _first_record_above(inside)
    carried, installed = set(), set()
    for place in ledger.places:
        for record in place.records:
            if record < above:
                continue
            owner = ledger.ownership.owner_of[record]
            if owner != NO_PACKAGE and packages[owner - 1].system in DISTRIBUTIONS:
                installed.add(owner - 1)
            else:
                carried.add(record)
    return Application(
        inside=inside,
        entrypoint=find_entrypoint(ledger.records, inside.settings),
        carried=frozenset(carried),
        packages=frozenset(installed),
    )


def _first_record_above(inside: Inside) -> int:
    tree = inside.ledger.tree
    layers = inside.base_layers or 0
    return tree.bases[layers] if layers < len(tree.bases) else len(tree.kinds)
