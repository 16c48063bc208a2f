"""Names of packages that tell something: the release of an index, the package of a library."""

from __future__ import annotations

import re
from datetime import date  # noqa: TC003 - msgspec reads the annotations
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

_SONAME = re.compile(r"(lib.+?)(?:\.so\.([0-9][^/]*)|-([0-9][^/]*)\.so)\Z")
_MAX_CHARS = 200


class ReleasePackage(Struct, frozen=True, forbid_unknown_fields=True):
    """A package whose version tells the release: the pattern's first group."""

    package: str
    system: str
    version: str


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    seen: date
    release: tuple[ReleasePackage, ...]
    debian_libraries: dict[str, str]


@cache
def _table() -> _Table:
    data = files("lightship.catalogue").joinpath("package_names.toml").read_bytes()
    return msgspec.toml.decode(data, type=_Table)


def release_names() -> frozenset[str]:
    """The packages that `release_of` knows."""
    return frozenset(row.package for row in _table().release)


def release_of(versions: dict[str, str]) -> str | None:
    """The system that an index is of (`debian 13`), by versions of the packages in it."""
    found = None
    for row in _table().release:
        match = re.match(row.version, versions.get(row.package, "")[:_MAX_CHARS])
        if match and row.package in versions:
            found = f"{row.system} {match[1]}".strip()
    return found


def debian_packages_of(soname: str) -> Iterator[str]:
    """What the package of a library is called in Debian, likely ones first (its policy, 8.1).

    The name and the number of the soname, with a hyphen between where the name ends with a digit;
    with `t64` behind it since times have 64 bits there.
    """
    if soname in _table().debian_libraries:
        named = _table().debian_libraries[soname]
        yield named
        yield f"{named}t64"
    match = _SONAME.match(soname[:_MAX_CHARS])
    if match is None:
        return
    stem = match[1].lower().replace("_", "-")
    number = match[2] or match[3]
    name = f"{stem}-{number}" if stem[-1].isdigit() else f"{stem}{number}"
    yield name
    yield f"{name}t64"
