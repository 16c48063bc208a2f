"""When the releases that base images carry stop getting security fixes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping  # noqa: TC003 - msgspec reads the annotations
from datetime import date  # noqa: TC003 - as well
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

_SYSTEMS = ("debian", "ubuntu", "alpine")
"""Systems that tags of other images name as well: `python:3.9-buster`, `node:16-alpine3.14`."""
_PARTS = re.compile(r"[-_+]")
_VERSION = re.compile(r"(?:jdk-|open-|v)?([0-9]{1,9}(?:\.[0-9]{1,9})*)")


class Release(Struct, frozen=True):
    """A release of a product.

    Attributes:
        product: for people: `Debian`.
        release: `12`.
        ends: the last day of its makers' support.
        extended: the last day of free support by others; None if there is none.
    """

    product: str
    release: str
    ends: date
    extended: date | None


class Term(Struct, frozen=True):
    """What is known of the support of a system's or a product's release.

    Attributes:
        product: for people: `Debian`.
        release: `12`; None where it has none, or nobody knows which it is.
        dates: None where no last day is known.
        why: there is none, a clause: nobody announced one, a system without releases.
        latest: the newest patch that its makers had published.
    """

    product: str
    release: str | None
    dates: Release | None
    why: str = ""
    latest: str | None = None


class Product(Struct, frozen=True, forbid_unknown_fields=True):
    """A system, or what images are made for; end_of_life.toml says what each field means."""

    name: str
    page: str
    images: tuple[str, ...]
    releases: Mapping[str, date]
    ids: tuple[str, ...] = ()
    variable: str = ""
    undated: tuple[str, ...] = ()
    latest: Mapping[str, str] = {}
    codenames: Mapping[str, str] = {}
    extended: Mapping[str, date] = {}

    def release(self, name: str) -> Release:
        """A release that has a last day."""
        return Release(self.name, name, self.releases[name], self.extended.get(name))

    @property
    def terms(self) -> tuple[Term, ...]:
        """Of all its releases, the newest first."""
        names = sorted({*self.releases, *self.undated}, key=numbers_of, reverse=True)
        return tuple(self.term(name) for name in names)

    def term(self, version: str) -> Term:
        """Of the release that a version is of; `4` is 4.0 where there is no other 4."""
        name = _named(self, version)
        if name is None:
            begun = [
                one for one in (*self.releases, *self.undated) if one.startswith(f"{version}.")
            ]
            name = begun[0] if len(begun) == 1 else None
        if name is None:
            why = "nobody says when it ends" if version else "nobody says which release it is"
            return Term(self.name, version or None, None, why)
        why = "" if name in self.releases else "its makers have announced no last day"
        dates = None if why else self.release(name)
        return Term(self.name, name, dates, why, self.latest.get(name))


class _Without(Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name: str
    why: str


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    seen: date
    product: tuple[Product, ...]
    without: tuple[_Without, ...]


@cache
def _table() -> _Table:
    text = files(__package__).joinpath("end_of_life.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=_Table)


@cache
def _products() -> dict[str, Product]:
    """The products by the repositories of their images."""
    return {image: product for product in _table().product for image in product.images}


def origin_of_dates() -> tuple[str, date]:
    """Where all dates are from, and of which day."""
    table = _table()
    return table.source, table.seen


def dated_products() -> tuple[Product, ...]:
    """The products whose releases end, with what the table says of them."""
    return _table().product


def product_of_image(repository: str) -> Product | None:
    """What the images of a repository are made for, or the system that they are."""
    return _products().get(repository)


def product_of_system(identity: str) -> Product | None:
    """A system that has releases, by ID in its os-release."""
    return next((one for one in _table().product if identity in one.ids), None)


def products_with_variables() -> tuple[Product, ...]:
    """Those whose images say their version in the environment."""
    return tuple(product for product in _table().product if product.variable)


def term_of_system(system: str) -> Term | None:
    """How long a system is supported; None if nobody knows the system.

    Args:
        system: ID and VERSION_ID of its os-release, `rhel 9.4`; the ID alone where it names none.
    """
    identity, _, version = system.strip().lower().partition(" ")
    for without in _table().without:
        if without.id == identity:
            return Term(without.name, version or None, None, without.why)
    product = product_of_system(identity)
    return product.term(version) if product is not None else None


def term_of_product(repository: str, version: str) -> Term | None:
    """How long that is supported which an image is made for; None if it is made for nothing known.

    Args:
        repository: as for `releases_in`.
        version: `3.13.14`, `jdk-21.0.12+8`, or the image's tag.
    """
    product = product_of_image(repository)
    if product is None or product.ids:
        return None
    found = _VERSION.match(version)
    return product.term(found[1] if found is not None else "")


def numbers_of(version: str) -> tuple[int, ...]:
    """`3.13` as numbers, by which versions are ordered; what is no number counts as none."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def releases_in(repository: str, tag: str) -> Iterator[Release]:
    """The releases that an image's tag names: its own product's, and the system's beneath it.

    Args:
        repository: `python`, `mcr.microsoft.com/dotnet/sdk`.
        tag: `3.9-slim-buster` names Python 3.9 and Debian 10.
    """
    products = _products()
    parts = _PARTS.split(tag.lower())
    own = products.get(repository)
    if own is not None:
        name = _named(own, parts[0])
        if name is not None and name in own.releases:
            yield own.release(name)
    for part in parts[1:] if own is not None else parts:
        for system in _SYSTEMS:
            found = _system(products[system], system, part)
            if found is not None and system != repository:
                yield products[system].release(found)


def _named(product: Product, part: str) -> str | None:
    """The release that a part of a tag means: `3.9.7` means 3.9, `bookworm` means 12."""
    for release, codename in product.codenames.items():
        if part == codename:
            return release
    numbers = part.removeprefix("v").split(".")
    for length in range(len(numbers), 0, -1):
        release = ".".join(numbers[:length])
        if release in product.releases or release in product.undated:
            return release
    return None


def _system(product: Product, name: str, part: str) -> str | None:
    for release, codename in product.codenames.items():
        if part == codename:
            return release
    release = part.removeprefix(name)
    return release if release != part and release in product.releases else None
