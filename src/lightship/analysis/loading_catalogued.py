"""A file judged by a C library's kind and version alone, where nobody looked into the base.

Only what certainly fails is told apart: that a file loads takes the libraries themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from lightship.analysis.elf import Mark
from lightship.analysis.elf_reader import ET_EXEC
from lightship.analysis.elf_symbols import SymbolMark
from lightship.analysis.loading_troubles import Trouble, symbol_trouble, text_of
from lightship.catalogue.musl_symbols import is_known, musl_symbols

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from lightship.analysis.elf import Elf
    from lightship.analysis.elf_symbols import ElfSymbols, VersionNeed

CatalogueLibc = Literal["glibc", "musl", "none"]
_GLIBC = re.compile(rb"GLIBC_(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?\Z")
_GLIBCXX = re.compile(rb"GLIBCXX_(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?\Z")
# glibc's names for 64-bit times on 32-bit machines: musl has some of them, and they are no data.
_TIMES = re.compile(rb"__\w+64\Z")


def catalogued_troubles(
    path: bytes,
    elf: Elf,
    symbols: ElfSymbols,
    *,
    libc: CatalogueLibc,
    version: str | None,
    libstdcxx: str | None = None,
    brings: Collection[bytes] = (),
) -> Iterator[Trouble]:
    """What is known to stop a file of an application.

    Args:
        path: of the file.
        elf: the file, as `elf.read_elf` reads it.
        symbols: the same, as `elf_symbols.read_symbols` reads it.
        libc: of the base.
        version: of that: `2.36`, `1.2.5`; None where it is not known
            (`CLibrary.symbols_version`).
        libstdcxx: newest `GLIBCXX_` version of its libstdc++, without the prefix: `3.4.30`.
        brings: names (without directories) of libraries and loaders that the application brings
            along: nothing is said of what is needed of these.

    Nothing is said of static programs: they run wherever the machine is the same. Of all others
    at least one thing is said, and be it that their libraries were not looked at.
    """
    if not elf.interpreter and _is_static(elf, symbols):
        return
    if elf.interpreter.rpartition(b"/")[2] not in brings:
        yield from _loader(path, elf, libc)
    if libc == "glibc":
        needed = [one for one in symbols.versions if one.library not in brings and not one.is_weak]
        yield from _older(path, needed, _GLIBC, version, "glibc")
        yield from _older(path, needed, _GLIBCXX, libstdcxx, "libstdc++")
    elif libc == "musl":
        yield from _without(path, elf, symbols, version, brings)
    yield Trouble(
        kind="unread",
        is_certain=False,
        path=path,
        says="the libraries that it would find there were not looked at",
        evidence=tuple(text_of(name) for name in elf.needed[:8]),
    )


def _loader(path: bytes, elf: Elf, libc: CatalogueLibc) -> Iterator[Trouble]:
    if not elf.interpreter:
        return
    is_musl = b"/ld-musl-" in elf.interpreter
    name = text_of(elf.interpreter)
    if libc == "none":
        says = f"its loader {name} is not in a base without a C library"
    elif is_musl != (libc == "musl"):
        says = f"its loader {name} is not in a base with {libc}"
    else:
        return
    yield Trouble(kind="loader", is_certain=True, path=path, says=says, evidence=(name,))


def _older(
    path: bytes,
    needed: Iterable[VersionNeed],
    form: re.Pattern[bytes],
    version: str | None,
    what: str,
) -> Iterator[Trouble]:
    """Versions that the base's library is too old for."""
    if version is None:
        return
    there = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    newer = []
    for need in needed:
        match = form.match(need.version)
        if match is None:
            continue
        wanted = tuple(int(part) for part in match.groups() if part is not None)
        if wanted > there:
            newer.append((wanted, text_of(need.version)))
    if newer:
        newest = max(newer)[1]
        yield Trouble(
            kind="version",
            is_certain=True,
            path=path,
            says=f"it needs {newest}, and {what} there is {version}",
            evidence=tuple(name for _, name in sorted(newer, reverse=True)[:8]),
        )


def _without(
    path: bytes, elf: Elf, symbols: ElfSymbols, version: str | None, brings: Collection[bytes]
) -> Iterator[Trouble]:
    """Symbols of glibc that musl does not have."""
    there = musl_symbols(version)
    missing = []
    for need in symbols.needs:
        # What has no version of glibc may be of another library.
        if need.is_weak or not need.version.startswith(b"GLIBC_") or need.library in brings:
            continue
        if need.name in there or (elf.bits == 32 and _TIMES.match(need.name)):
            continue
        missing.append(need.name)
    if missing:
        # Names of later releases are not known; those of glibc's checking functions are none.
        is_certain = is_known(version) or any(name.endswith(b"_chk") for name in missing)
        then = "and musl asks for all at the start"
        yield symbol_trouble(path, missing, is_certain=is_certain, then=then)


def _is_static(elf: Elf, symbols: ElfSymbols) -> bool:
    if not symbols.has(SymbolMark.DYNAMIC):
        return True
    return not elf.needed and (elf.type == ET_EXEC or elf.has(Mark.PIE))
