"""Which C library each release of a distribution has."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

# Rebuilt from the same sources: what is said of RHEL holds for them.
_REBUILDS = ("almalinux", "rocky", "ol", "oracle", "centos")
_NAMES = {"amzn": "amazonlinux", "opensuse-leap": "opensuse leap"}


class CLibrary(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The C library of a release.

    Attributes:
        system: distribution and release, as in `BaseRow.system`.
        version: of the library: `2.36`, `1.2.5`.
        newest_symbols: the newest version of its symbols, `GLIBC_...` without that; None where it
            is the library's own (some distributions take single symbols of later releases over).
        libstdcxx: newest `GLIBCXX_` version of libstdc++: `3.4.30`; None where that is not known.
        source: where this is from, and of which day it is.
        verified: False where some of it was not looked up: nothing is certain to fail by it.
    """

    system: str
    libc: Literal["glibc", "musl"]
    version: str
    source: str
    newest_symbols: str | None = None
    libstdcxx: str | None = None
    verified: bool = True

    @property
    def symbols_version(self) -> str:
        """What `version` of `catalogued_troubles` is: of its symbols."""
        return self.newest_symbols or self.version


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    release: tuple[CLibrary, ...]


def c_library_of(system: str | None) -> CLibrary | None:
    """The C library of `debian 12`, `alpine 3.24`...; None where it is not known."""
    name, _, release = (system or "").lower().rpartition(" ")
    name = _NAMES.get(name, name)
    if name in ("rhel", *_REBUILDS):
        name, release = "rhel", release.partition(".")[0]
    elif name in ("alpine", "debian"):
        numbers = release.split(".")
        release = ".".join(numbers[: 2 if name == "alpine" else 1])
    return c_libraries().get(f"{name} {release}")


@cache
def c_libraries() -> dict[str, CLibrary]:
    """All that are known, by release."""
    text = files(__package__).joinpath("c_libraries.toml").read_text(encoding="utf-8")
    return {one.system: one for one in msgspec.toml.decode(text, type=_Table).release}
