"""What endoflife.date says of a product's releases.

Its API v1, `/api/v1/products/NAME/`, answers `{"result": {"releases": [{"name": "13",
"isEol": false, "eolFrom": "2028-08-09", "eoesFrom": "2030-06-30", "latest": {"name": "13.6"}},
...]}}` (endoflife.date/docs/api/v1).
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from lightship.bases.refreshed import RefreshedProduct, RefreshedRelease
from lightship.errors import CorruptInputError
from lightship.net.opening import status_error

if TYPE_CHECKING:
    from lightship.api.base_update_manners import Manners
    from lightship.catalogue.end_of_life import Product
    from lightship.net.client import Client

DATES = "https://endoflife.date/api/v1"
_MAX_ANSWER_BYTES = 2 * 1024 * 1024
_MOST_RELEASES = 1000
_MOST_ETAG = 200
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+ -]{0,59}")
_DAYS = (date(1990, 1, 1), date(2100, 1, 1))
_SAME, _FINE = 304, 200


class _Latest(Struct, frozen=True):
    name: str | None = None


class _Release(Struct, frozen=True, rename="camel"):
    name: str
    is_eol: bool
    eol_from: date | None = None
    eoes_from: date | None = None
    latest: _Latest | None = None


class _Product(Struct, frozen=True):
    releases: tuple[_Release, ...]


class _Answer(Struct, frozen=True):
    result: _Product


class DatesPlace(Struct, frozen=True, kw_only=True):
    """Where dates are asked for.

    Attributes:
        url: of the API, without a slash at its end.
        host: of it.
        client: asks.
    """

    url: str
    host: str
    client: Client


def ask_dates(
    product: Product,
    before: RefreshedProduct | None,
    place: DatesPlace,
    manners: Manners,
    today: date,
) -> RefreshedProduct:
    """What is said of the releases of a product.

    Raises:
        LightshipError: nothing is learnt, and why.
    """
    url = f"{place.url}/products/{product.page}/"
    headers = {"accept": "application/json"}
    if before is not None and before.etag and before.source == place.host:
        headers["if-none-match"] = before.etag
    answer = manners.ask(
        place.host, lambda: place.client.get(url, limit=_MAX_ANSWER_BYTES, headers=headers)
    )
    if answer.status == _SAME and before is not None:
        return replace(before, seen=today)
    if answer.status != _FINE:
        raise status_error(answer)
    return RefreshedProduct(
        name=product.name,
        source=place.host,
        seen=today,
        etag=_etag(answer.headers.get("etag", "")),
        releases=_releases(answer.body, product, url),
    )


def _releases(body: bytes, product: Product, url: str) -> dict[str, RefreshedRelease]:
    try:
        found = msgspec.json.decode(body, type=_Answer).result.releases
    except (msgspec.DecodeError, UnicodeError, RecursionError) as problem:
        raise CorruptInputError(f"{url}: no dates of {product.name}: {problem}") from None
    if not found or len(found) > _MOST_RELEASES:
        raise CorruptInputError(f"{url}: {len(found)} releases of {product.name} make no sense")
    releases: dict[str, RefreshedRelease] = {}
    for one in found:
        if not _NAME.fullmatch(one.name):
            raise CorruptInputError(f"{url}: {one.name[:60]!r} is no release of {product.name}")
        for day in (one.eol_from, one.eoes_from):
            if day is not None and not _DAYS[0] <= day < _DAYS[1]:
                raise CorruptInputError(f"{url}: {product.name} {one.name} cannot end on {day}")
        if one.is_eol and one.eol_from is None:  # it has ended, and nobody says when
            continue
        latest = one.latest.name if one.latest is not None else None
        releases[one.name] = RefreshedRelease(
            ends=one.eol_from,
            # Elsewhere extended support is paid for (Ubuntu Pro), which the catalogue leaves out.
            extended=one.eoes_from if product.extended else None,
            latest=latest if latest is not None and _NAME.fullmatch(latest) else None,
        )
    return releases


def _etag(text: str) -> str | None:
    """An entity tag that can be sent back."""
    fine = 0 < len(text) <= _MOST_ETAG and text.isascii() and text.isprintable()
    return text if fine else None
