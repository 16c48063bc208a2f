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


class _Product(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    images: tuple[str, ...]
    releases: Mapping[str, date]
    codenames: Mapping[str, str] = {}
    extended: Mapping[str, date] = {}

    def release(self, name: str) -> Release:
        return Release(self.name, name, self.releases[name], self.extended.get(name))


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    product: tuple[_Product, ...]


@cache
def _products() -> dict[str, _Product]:
    """The products by the repositories of their images."""
    text = files(__package__).joinpath("end_of_life.toml").read_text(encoding="utf-8")
    table = msgspec.toml.decode(text, type=_Table)
    return {image: product for product in table.product for image in product.images}


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
        if name is not None:
            yield own.release(name)
    for part in parts[1:] if own is not None else parts:
        for system in _SYSTEMS:
            found = _system(products[system], system, part)
            if found is not None and system != repository:
                yield products[system].release(found)


def _named(product: _Product, part: str) -> str | None:
    """The release that a part of a tag means: `3.9.7` means 3.9, `bookworm` means 12."""
    for release, codename in product.codenames.items():
        if part == codename:
            return release
    numbers = part.removeprefix("v").split(".")
    for length in range(len(numbers), 0, -1):
        if (release := ".".join(numbers[:length])) in product.releases:
            return release
    return None


def _system(product: _Product, name: str, part: str) -> str | None:
    for release, codename in product.codenames.items():
        if part == codename:
            return release
    release = part.removeprefix(name)
    return release if release != part and release in product.releases else None
