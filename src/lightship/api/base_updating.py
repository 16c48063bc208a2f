"""`base update`: what is known of bases, refreshed from their registries and endoflife.date."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Unpack

from msgspec import Struct
from msgspec.structs import replace

from lightship.api.base_update_dates import DATES, DatesPlace, ask_dates
from lightship.api.base_update_kept import held
from lightship.api.base_update_manners import LeftError, Manners
from lightship.api.base_update_mirrors import parse_mirrors
from lightship.api.base_update_reading import layers_of, read_base
from lightship.api.base_update_registry import Wanted, ask_registry, is_complete
from lightship.api.opening import parse_platform
from lightship.api.options import ReadKeywords, ReadOptions
from lightship.bases.known import known_bases
from lightship.catalogue.end_of_life import (
    dated_products,
    product_of_image,
    product_of_system,
)
from lightship.dockerfile.image_name import image_name
from lightship.errors import DestinationError, LightshipError, UnreachableError, UsageError
from lightship.model.platform import Platform
from lightship.model.results.base_update import BaseUpdateResult, Updated
from lightship.net.client import Client
from lightship.net.origins import parse_target
from lightship.printable import printable
from lightship.transports.registry.names import parse_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from lightship.api.base_update_kept import Kept
    from lightship.bases.known import Known
    from lightship.bases.refreshed import RefreshedRow
    from lightship.catalogue.end_of_life import Product
    from lightship.model.results.base_update import State

PLATFORMS = ("linux/amd64", "linux/arm64")
"""Whose manifests are asked for where nobody names others; digests are learnt of all."""
MOST_REQUESTS = 2000
PAUSE_SECONDS = 0.25
_OF_AN_INDEX, _OF_A_PLATFORM = 2, 2


class UpdateTerms(Struct, frozen=True, kw_only=True):
    """What is asked for, of whom, and how much of it.

    Attributes:
        read: whether layers are read too, for this machine's platform or the first of `platforms`.
        since_days: what was learnt less than so many days ago is not asked for again.
        platforms: whose manifests are asked for; empty for all.
        mirrors: who is asked in place of a registry: `docker.io=mirror.example.com/prefix`.
        dates: address of endoflife.date's API, or of a copy; empty for no dates.
        most_requests: the limit; what is left then is for the next run.
        pause_seconds: between two requests to one server.
    """

    read: bool = False
    since_days: int = 1
    platforms: tuple[str, ...] = PLATFORMS
    mirrors: tuple[str, ...] = ()
    dates: str = DATES
    most_requests: int = MOST_REQUESTS
    pause_seconds: float = PAUSE_SECONDS


def base_update(
    names: Sequence[str] = (),
    *,
    data: Path,
    terms: UpdateTerms | None = None,
    today: date | None = None,
    **reading: Unpack[ReadKeywords],
) -> BaseUpdateResult:
    """Refresh what is known of bases, and of the ends of releases where no base is named.

    Each base's facts are in the data folder before the next is asked for: a run that is
    interrupted goes on where it was. A base that cannot be refreshed is told of, and the rest
    goes on.

    Args:
        names: bases, of the catalogue or not; none for all that are known.
        data: the user's data folder.
        terms: what is asked for, and how.
        today: of what is learnt; None for the day it is (UTC).
        reading: as the fields of `lightship.ReadOptions`.

    Raises:
        UsageError: no network may be used; a name, platform, mirror or address is none; the data
            folder is not the user's alone.
        DestinationError: the data folder cannot be written, or another update is at work there.
    """
    options = ReadOptions(**reading)
    if options.network.offline:
        raise UsageError(
            "base update asks registries, and no network may be used (--offline)",
            "What is known already serves the other base commands.",
        )
    terms = terms or UpdateTerms()
    today = today or datetime.now(UTC).date()
    known = known_bases(data, today)
    wanted = _wanted(names, known, terms)
    place = _dates_place(terms, options) if terms.dates else None
    with held(data) as kept:
        run = _Run(kept, terms, options, today)
        todo = [(one, run.state_before(one)) for one in wanted]
        products = _products(wanted if names else None, known) if place is not None else ()
        run.announce(todo, [one for one in products if not run.is_fresh(one)], place)
        bases = tuple(run.base(one) if state is None else state for one, state in todo)
        dated = tuple(run.product(one, place) for one in products if place is not None)
        return BaseUpdateResult(
            folder=str(data),
            requests=run.manners.asked,
            bases=bases,
            products=dated,
            warnings=(kept.warning,) if kept.warning else (),
        )


class _Run:
    """One update."""

    def __init__(self, kept: Kept, terms: UpdateTerms, options: ReadOptions, today: date) -> None:
        self.manners = Manners(terms.most_requests, terms.pause_seconds)
        self._kept = kept
        self._terms = terms
        self._options = options
        self._access = options.access()
        self._today = today

    def state_before(self, wanted: Wanted) -> Updated | None:
        """That a base needs not to be asked for; None if it does."""
        row = self._kept.row(wanted.image, wanted.tag)
        if row is None or not self._is_recent(row.seen) or not is_complete(row, wanted):
            return None
        if self._terms.read and not _is_read(row):
            return None
        return _told(wanted.name, wanted.place, "fresh")

    def is_fresh(self, product: Product) -> bool:
        """Whether a product needs not to be asked for."""
        before = self._kept.product(product.name)
        return before is not None and self._is_recent(before.seen)

    def announce(
        self,
        todo: Sequence[tuple[Wanted, Updated | None]],
        products: Sequence[Product],
        place: DatesPlace | None,
    ) -> None:
        """Say what will be asked for, before it is."""
        asked = [wanted for wanted, state in todo if state is None]
        per_base = _OF_AN_INDEX + _OF_A_PLATFORM * len(self._terms.platforms)
        requests = len(asked) * per_base + len(products)
        hosts = sorted({wanted.where.host for wanted in asked})
        if not requests:
            return
        parts = []
        if asked:
            parts.append(f"{len(asked)} of {len(todo)} bases at {', '.join(hosts)}")
        if products and place is not None:
            parts.append(f"{len(products)} products at {place.host}")
        many = f"some {requests:,}" if self._terms.platforms else f"{len(asked) * 2:,} or more"
        layers = ", and their layers are read" if self._terms.read and asked else ""
        self._options.progress.note(
            f"asking for {' and '.join(parts)}: {many} requests, one at a time{layers}; "
            "interrupt it when you like, what is learnt is kept"
        )

    def base(self, wanted: Wanted) -> Updated:
        """Refresh one base."""
        before = self._kept.row(wanted.image, wanted.tag)
        return self._outcome(wanted.name, wanted.place, lambda: self._learn(wanted, before))

    def product(self, product: Product, place: DatesPlace) -> Updated:
        """Refresh the dates of one product."""
        before = self._kept.product(product.name)
        if before is not None and self._is_recent(before.seen):
            return _told(product.name, place.host, "fresh")

        def learn() -> State:
            found = ask_dates(product, before, place, self.manners, self._today)
            self._kept.keep_product(found)
            same = before is not None and found.releases == before.releases
            return "unchanged" if same else "refreshed"

        return self._outcome(product.name, place.host, learn)

    def _learn(self, wanted: Wanted, before: RefreshedRow | None) -> State:
        row = ask_registry(wanted, before, self._access, self.manners, self._today)
        # What the documents say is kept also where reading the layers fails.
        self._kept.keep_row(row)
        platform = self._platform_to_read(row) if self._terms.read else None
        if platform is not None:
            requests = _OF_AN_INDEX + 1 + layers_of(row, platform)
            row = self.manners.ask(
                wanted.where.host,
                lambda: read_base(row, wanted, platform, self._options),
                requests,
            )
            self._kept.keep_row(row)
        same = before is not None and replace(before, seen=row.seen, source=row.source) == row
        return "unchanged" if same else "refreshed"

    def _platform_to_read(self, row: RefreshedRow) -> str | None:
        """The one whose layers are read; None if they were, or there is none."""
        known = [name for name, facts in row.platforms.items() if facts.wire_bytes is not None]
        here = str(Platform.here())
        chosen = here if here in known else next(iter(known), None)
        is_read = chosen is None or row.platforms[chosen].unpacked_bytes is not None
        return None if is_read else chosen

    def _is_recent(self, seen: date) -> bool:
        # A day in the future is a wrong clock's, then or now.
        return 0 <= (self._today - seen).days < self._terms.since_days

    def _outcome(self, name: str, place: str, learn: Callable[[], State]) -> Updated:
        try:
            return _told(name, place, learn())
        except DestinationError:  # nothing can be kept: there is no use in going on
            raise
        except LeftError as problem:
            return _told(name, place, "left", problem)
        except LightshipError as problem:
            return _told(name, place, "failed", problem)


def _told(name: str, place: str, state: State, why: LightshipError | None = None) -> Updated:
    return Updated(name=name, place=place, state=state, why=str(why) if why is not None else None)


def _is_read(row: RefreshedRow) -> bool:
    return any(facts.unpacked_bytes is not None for facts in row.platforms.values())


def _wanted(names: Iterable[str], known: Known, terms: UpdateTerms) -> list[Wanted]:
    mirrors = parse_mirrors(terms.mirrors)
    platforms = tuple(p for one in terms.platforms if (p := parse_platform(one)) is not None)
    found: dict[tuple[str, str], Wanted] = {}
    images = [_image(name, known) for name in names] or [(r.image, r.tag) for r in known.rows]
    for image, tag in images:
        name = parse_name(f"{image}:{tag}")
        found[image, tag] = Wanted(
            image=image,
            tag=tag,
            where=mirrors.where(name),
            place=mirrors.place(name),
            platforms=platforms,
        )
    return list(found.values())


def _image(text: str, known: Known) -> tuple[str, str]:
    """The image and tag that a user named, as the catalogue spells it."""
    row = known.find(text)
    if row is not None:
        return row.image, row.tag
    parse_name(text)
    name = image_name(text)
    if name.digest is not None and name.tag is None:
        raise UsageError(
            f"{printable(text)!r} names no tag: what has a digest never changes",
            "Name the tag that is built upon.",
        )
    return name.repository, name.tag or "latest"


def _products(named: Sequence[Wanted] | None, known: Known) -> tuple[Product, ...]:
    """The products whose dates are asked for: all, or those of the bases that were named."""
    if named is None:
        return dated_products()
    found = []
    for one in named:
        row = known.find(one.name)
        system = row.system.partition(" ")[0] if row is not None and row.system else ""
        found += [product_of_system(system), product_of_image(row.product if row else one.image)]
        found.append(product_of_image(one.image))
    return tuple({one.page: one for one in found if one is not None}.values())


def _dates_place(terms: UpdateTerms, options: ReadOptions) -> DatesPlace:
    try:
        host = parse_target(terms.dates).origin.netloc
    except UnreachableError as problem:
        raise UsageError(
            problem.what, "Name the address of an API such as endoflife.date's."
        ) from None
    client = Client(options.network, options.progress)
    return DatesPlace(url=terms.dates.rstrip("/"), host=host, client=client)
