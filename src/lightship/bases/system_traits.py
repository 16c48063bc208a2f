"""What an image that was read has of a system: its C library, its package manager, its shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.lookup import Lookup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.bases.inside import Inside
    from lightship.catalogue.base_images import Libc

# The loaders' names: musl's documentation ("ld-musl-$(ARCH).so.1"), and glibc's wiki, ABIList.
_MUSL, _GLIBC = b"ld-musl-", (b"ld-linux", b"ld64.so", b"ld.so.1")
_LIBRARIES = (b"lib", b"lib64")
_MANAGERS = ("apt-get", "apk", "microdnf", "dnf5", "dnf", "tdnf", "yum", "zypper", "pacman", "opkg")
_INSTALLERS = ("dpkg", "rpm")
"""Of packages that somebody else fetched."""
_SPOKEN = {"apt-get": "apt", "dnf5": "dnf"}
_SYSTEM = (b"usr/bin", b"bin", b"usr/sbin", b"sbin")
"""Where systems keep them, whatever an image's PATH is."""
_SHELL = "/bin/sh"


def c_library(inside: Inside) -> Libc | None:
    """The C library that programs find there: that of the loader; None if it is of no known kind.

    Where there are two, musl came as a package (Debian's `musl`): a system of musl has but its own,
    and gcompat's name for it.
    """
    lookup = Lookup(inside.ledger.tree)
    names = [
        name
        for place in _LIBRARIES
        if (directory := lookup.directory(place)) is not None
        for name in directory.children
        if name.startswith((b"ld-", b"ld.so", b"ld64.so")) and b".so" in name
    ]
    has_musl = any(name.startswith(_MUSL) for name in names)
    if any(name.startswith(_GLIBC) for name in names):
        is_alpine = has_musl and lookup.file(b"etc/alpine-release") is not None
        return "musl" if is_alpine else "glibc"
    if has_musl:
        return "musl"
    return None if names else "none"


def package_manager(inside: Inside) -> str:
    """What installs packages there, as people call it; `none` where nothing does."""
    lookup = Lookup(inside.ledger.tree)
    found = next(
        (one for one in (*_MANAGERS, *_INSTALLERS) if _is_in(lookup, _SYSTEM, one)), "none"
    )
    return _SPOKEN.get(found, found)


def shell(inside: Inside) -> str:
    """The shell that a shell form runs; `none` where it is not there."""
    return _SHELL if Lookup(inside.ledger.tree).file(_SHELL.encode()) is not None else "none"


def has_program(inside: Inside, name: str) -> bool:
    """Whether a program is in one of the directories of PATH."""
    return _is_in(Lookup(inside.ledger.tree), inside.settings.search_path, name)


def _is_in(lookup: Lookup, folders: Iterable[bytes], name: str) -> bool:
    return any(lookup.file(folder + b"/" + name.encode()) is not None for folder in folders)
