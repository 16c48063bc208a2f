"""Symbols bound as the two loaders bind them: which ones nothing defines.

glibc: `elf/dl-lookup.c` (`check_match`); musl: `ldso/dynlink.c` (`find_sym`, `do_relocs`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.elf_symbols import NeedMark, SymbolMark, numbers_of, symbol_hash
from lightship.analysis.loading_troubles import Trouble, symbol_trouble
from lightship.catalogue.musl_symbols import legacy_base

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.analysis.elf_symbols import ElfSymbols, Need
    from lightship.analysis.lookup import FoundFile

    Scope = Sequence[tuple[FoundFile, ElfSymbols, "Exports"]]
    """What is loaded, in order: the program first."""


class Exports(Struct, frozen=True):
    """Hashes of what one file defines for others.

    Attributes:
        open: found by name alone.
        musl: found by musl.
        old: hidden, and given by glibc to who asks for no version.
        versioned: name and version; None where it has no versions, so that any will do.
    """

    open: frozenset[int]
    musl: frozenset[int]
    old: frozenset[int]
    versioned: frozenset[int] | None

    @classmethod
    def of(cls, symbols: ElfSymbols) -> Exports:
        """Of a file's symbols."""
        found = frozenset(numbers_of(symbols.open_exports))
        chosen = frozenset(numbers_of(symbols.chosen_exports))
        return cls(
            found,
            found - chosen if chosen else found,
            frozenset(numbers_of(symbols.old_exports)),
            frozenset(numbers_of(symbols.versioned_exports))
            if symbols.has(SymbolMark.VERSIONS)
            else None,
        )

    @classmethod
    def none(cls) -> Exports:
        """Of a file that exports nothing."""
        return cls(frozenset(), frozenset(), frozenset(), frozenset())

    def defines(self, need: Need) -> bool:
        """Whether glibc would take it from here."""
        name = symbol_hash(need.name)
        if not need.version:
            return name in self.open or name in self.old
        if self.versioned is None:
            return name in self.open
        return (
            symbol_hash(need.name, need.version) in self.versioned
            or symbol_hash(need.name, b"") in self.versioned
        )


def unbound_of_glibc(scope: Scope, *, is_library: bool) -> Iterator[Trouble]:
    """What glibc's loader would miss.

    Args:
        scope: what is loaded.
        is_library: whether the first is a library, and whose program is not known: that may
            define what nothing here does.
    """
    exports = [one for _, _, one in scope]
    for place, (file, symbols, _) in enumerate(scope):
        binds_now = symbols.has(SymbolMark.BINDS_NOW)
        now: list[bytes] = []
        later: list[bytes] = []
        for need in symbols.needs:
            if need.marks & NeedMark.WEAK:
                continue
            start = 1 if need.marks & NeedMark.COPY and not place else 0
            if any(one.defines(need) for one in exports[start:]):
                continue
            is_lazy = need.marks & NeedMark.LAZY and not binds_now
            (later if is_lazy else now).append(need.name)
        if now:
            then = "and it asks for them at its start"
            yield symbol_trouble(file.path, now, is_certain=not is_library, then=then)
        if later:
            then = "and it asks for them when it calls them"
            yield symbol_trouble(file.path, later, is_certain=False, then=then)


def unbound_of_musl(scope: Scope, *, is_library: bool) -> Iterator[Trouble]:
    """What musl's loader would miss: it binds everything at the start, and knows no versions."""
    exports = [one.musl for _, _, one in scope]
    for place, (file, symbols, own) in enumerate(scope):
        if _START in own.musl and _DLOPEN in own.musl:
            # The loader has bound itself before anything else.
            continue
        missing = []
        for need in symbols.needs:
            if need.marks & NeedMark.WEAK:
                continue
            start = 1 if need.marks & NeedMark.COPY and not place else 0
            name = symbol_hash(need.name)
            if not any(name in one for one in exports[start:]) and not _is_legacy(scope, need.name):
                missing.append(need.name)
        if missing:
            then = "and musl asks for all at the start"
            yield symbol_trouble(file.path, missing, is_certain=not is_library, then=then)
        if symbols.has(SymbolMark.IRELATIVE):
            yield Trouble(
                kind="symbol",
                is_certain=not is_library,
                path=file.path,
                says="it chooses functions while it is loaded, which musl's loader does not do",
                evidence=("IRELATIVE",),
            )


def _is_legacy(scope: Scope, name: bytes) -> bool:
    """Whether a musl since 1.2.4 gives the plain name's symbol for it."""
    base = legacy_base(name)
    if base is None:
        return False
    for _, _, exports in scope:
        if _START in exports.musl and _DLOPEN in exports.musl:
            return _LEGACY not in exports.musl and symbol_hash(base) in exports.musl
    return False


_START, _DLOPEN, _LEGACY = (
    symbol_hash(name) for name in (b"__libc_start_main", b"dlopen", b"open64")
)
