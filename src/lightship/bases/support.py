"""How long a base is supported: its system, and what it is made for."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from lightship.analysis.os_release import os_release
from lightship.bases.freshness import stale_by_age
from lightship.catalogue.base_images import Origin
from lightship.catalogue.end_of_life import (
    origin_of_dates,
    products_with_variables,
    term_of_product,
    term_of_system,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.inside import Inside
    from lightship.bases.known import Known
    from lightship.catalogue.base_images import BaseRow
    from lightship.catalogue.end_of_life import Term

State = Literal["supported", "extended", "ended", "no date"]


class Support(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The support of one release.

    Attributes:
        product: for people: `Debian`, `Python`.
        release: `13`; None where there is none, or nobody knows which it is.
        state: `extended` where its makers' support has ended and free support by others goes on.
        ends: the last day of its makers' support.
        days: until then; negative once it is over. None where no day is known.
        extended: the last day of free support by others.
        latest: the newest patch that its makers had published by then.
        why: no day is known, a clause.
        origin: where this is from.
        stale: why nobody should rely on it, a clause; empty where it is fresh.
    """

    product: str
    release: str | None = None
    state: State = "no date"
    ends: date | None = None
    days: int | None = None
    extended: date | None = None
    latest: str | None = None
    why: str = ""
    origin: Origin
    stale: str = ""

    @property
    def name(self) -> str:
        """`Debian 13`."""
        return f"{self.product} {self.release}" if self.release else self.product


class BaseSupport(Struct, frozen=True, omit_defaults=True):
    """Of a base: of its system, and of what it is made for; None where nobody knows these."""

    system: Support | None = None
    product: Support | None = None

    @property
    def days(self) -> int | None:
        """Until the first of both ends; None where no day is known."""
        known = [one.days for one in (self.system, self.product) if one and one.days is not None]
        return min(known, default=None)


def support_of_row(row: BaseRow, known: Known) -> BaseSupport:
    """How long a catalogued base is supported."""
    return BaseSupport(
        system=support_of_system(row.system, known) if row.system else None,
        product=support_of_product(row.product or row.image, row.version or row.tag, known),
    )


def support_of_image(inside: Inside, known: Known) -> BaseSupport:
    """How long an opened image is supported.

    Its system is told by its own os-release. What it is made for is told by the catalogue where it
    has this very image, else by the variable in which Docker's official images, and those built on
    them, say their version; of several the first in the order of end_of_life.toml.
    """
    told = os_release(inside.ledger.records)
    row = known.find_image(inside)
    system = support_of_system(told.system, known) if told is not None else None
    if row is not None:
        return BaseSupport(system, support_of_row(row, known).product)
    return BaseSupport(system, next(_products_by_variable(inside, known), None))


def _products_by_variable(inside: Inside, known: Known) -> Iterator[Support]:
    for product in products_with_variables():
        version = inside.settings.environment.get(product.variable.encode(), b"")
        found = support_of_product(product.images[0], version.decode("ascii", "replace"), known)
        if found is not None and found.release is not None:
            yield found


def support_of_system(system: str, known: Known) -> Support | None:
    """How long a system is supported, by os-release's ID and VERSION_ID: `debian 13`."""
    return _support(term_of_system(system), known)


def support_of_product(repository: str, version: str, known: Known) -> Support | None:
    """How long that is supported which an image is made for.

    Args:
        repository: `python`.
        version: `3.13.14`, or the image's tag.
        known: what is known today.
    """
    return _support(term_of_product(repository, version), known)


def _support(term: Term | None, known: Known) -> Support | None:
    if term is None:
        return None
    origin = Origin(*origin_of_dates())
    ends, extended, latest = None, None, term.latest
    if term.dates is not None:
        ends, extended = term.dates.ends, term.dates.extended
    newer = known.products.get(term.product)
    told = newer.releases.get(term.release or "") if newer is not None else None
    if newer is not None and told is not None and newer.seen >= origin.seen:
        origin, ends, extended = newer.origin, told.ends, told.extended
        latest = told.latest or latest
    return Support(
        product=term.product,
        release=term.release,
        state=_state(ends, extended, known.today),
        ends=ends,
        days=(ends - known.today).days if ends is not None else None,
        extended=extended,
        latest=latest,
        why="" if ends is not None else term.why or "its makers have announced no last day",
        origin=origin,
        stale=stale_by_age(origin, known.today),
    )


def _state(ends: date | None, extended: date | None, today: date) -> State:
    if ends is None:
        return "no date"
    if ends >= today:
        return "supported"
    return "extended" if extended is not None and extended >= today else "ended"
