"""Which packages have the libraries that programs need which were built with -dev packages."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    releases: tuple[str, ...]
    apt: dict[str, tuple[str, ...]]
    apk: dict[str, str]
    links: dict[str, str]


@cache
def _table() -> _Table:
    text = files(__package__).joinpath("runtime_libraries.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=_Table)


def runtime_packages(system: str, release: str | None, development: str) -> tuple[str, ...] | None:
    """The packages to install where a program runs, none for headers alone; None if not known.

    Args:
        system: `debian`, `ubuntu` or `alpine`.
        release: `12`, `22.04`, `3.20`; None if not known.
        development: `libssl-dev`, `openssl-dev`.
    """
    table = _table()
    if system == "alpine":
        name = table.apk.get(development)
        return None if name is None else tuple(name.split())
    names = dict(zip(table.releases, table.apt.get(development, ()), strict=False))
    name = names.get(f"{system}-{release}", "?")
    return None if name == "?" else tuple(name.split())


def development_package(library: str) -> str | None:
    """Debian's development package of what `-lNAME` names; empty for the C library's own parts."""
    return _table().links.get(library)
