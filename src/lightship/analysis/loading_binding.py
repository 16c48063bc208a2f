"""Symbols bound as the two loaders bind them: which ones nothing defines.

glibc: `elf/dl-lookup.c` (`check_match`); musl: `ldso/dynlink.c` (`find_sym`, `do_relocs`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from lightship.analysis.elf_symbols import SymbolMark, numbers_of
from lightship.analysis.elf_symbols_columns import symbol_hash
from lightship.analysis.loading_troubles import Trouble, symbol_trouble
from lightship.catalogue.musl_symbols import legacy_base

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.analysis.elf_symbols import ElfSymbols, Need
    from lightship.analysis.lookup import FoundFile

Binding = Literal["program", "any", "opened", "now"]
"""What is loaded: a program; a library of any program, which may define what nothing here does; a
library that a program opens; one that it opens so that all is bound at once."""


class Bindable(Struct, frozen=True):
    """The symbols of one file as sets of hashes, made once for all loads that it is in.

    Attributes:
        soname: by which others need it.
        open: what it defines, found by name alone.
        musl: what of it musl finds.
        old: hidden, and given by glibc to who asks for no version.
        versioned: name and version; None where its symbols have none at all.
        needs: what it must find elsewhere, by the hash of name and version, or of the name.
        names: hashes of the names of `needs`.
        copied: of `needs`, what the program defines only to have a place for it.
        binds_now, is_irelative, is_dynamic: as in `SymbolMark`.
    """

    soname: bytes
    open: frozenset[int]
    musl: frozenset[int]
    old: frozenset[int]
    versioned: frozenset[int] | None
    needs: dict[int, Need]
    names: frozenset[int]
    copied: frozenset[int]
    binds_now: bool
    is_irelative: bool
    is_dynamic: bool

    @classmethod
    def of(cls, symbols: ElfSymbols, soname: bytes) -> Bindable:
        """Of a file's symbols."""
        found = frozenset(numbers_of(symbols.open_exports))
        needs = {_key(need): need for need in symbols.needs if not need.is_weak}
        versioned = frozenset(numbers_of(symbols.versioned_exports))
        return cls(
            soname=soname,
            open=found,
            musl=found - frozenset(numbers_of(symbols.chosen_exports)),
            old=frozenset(numbers_of(symbols.old_exports)),
            versioned=versioned if symbols.has(SymbolMark.VERSIONS) else None,
            needs=needs,
            names=frozenset(symbol_hash(need.name) for need in needs.values()),
            copied=frozenset(key for key, need in needs.items() if need.is_copied),
            binds_now=symbols.has(SymbolMark.BINDS_NOW),
            is_irelative=symbols.has(SymbolMark.IRELATIVE),
            is_dynamic=symbols.has(SymbolMark.DYNAMIC),
        )

    @property
    def is_musl_loader(self) -> bool:
        """Whether it is musl's loader, which is its C library, too."""
        return _START in self.musl and _DLOPEN in self.musl and self.versioned is None

    @property
    def is_old_musl(self) -> bool:
        """Whether it is one before 1.2.4, which shows the old names for large files."""
        return self.is_musl_loader and _LEGACY in self.musl

    def defines(self, need: Need) -> bool:
        """Whether glibc would take it from here."""
        name = symbol_hash(need.name)
        if not need.version:
            return name in self.open or name in self.old
        if self.versioned is None:
            # A library that lost all its versions since stops the loader.
            return name in self.open and need.library != self.soname
        return (
            symbol_hash(need.name, need.version) in self.versioned
            or symbol_hash(need.name, b"") in self.versioned
        )


def unbound_of_glibc(
    scope: Sequence[tuple[FoundFile, Bindable]], first: int, binding: Binding
) -> Iterator[Trouble]:
    """What glibc's loader would miss.

    Args:
        scope: what is loaded, in order: the program first.
        first: of those that are bound now.
        binding: what the first of these is.
    """
    files = [one for _, one in scope]
    for place, (file, at) in list(enumerate(scope))[first:]:
        rest = frozenset(at.needs)
        for number, one in enumerate(files):
            # What has a place in the program is looked up behind it.
            kept = rest & at.copied if number == place == 0 else frozenset()
            rest = (rest - (one.versioned or frozenset()) - one.open) | kept
        missing = [at.needs[key] for key in rest if not _is_defined(files, place, at.needs[key])]
        at_once = at.binds_now or binding == "now"
        now = [one.name for one in missing if at_once or not one.is_lazy]
        later = [one.name for one in missing if not at_once and one.is_lazy]
        if now:
            then = "and it asks for them at its start"
            yield symbol_trouble(file.path, now, is_certain=binding != "any", then=then)
        if later:
            then = "and it asks for them when it calls them"
            yield symbol_trouble(file.path, later, is_certain=False, then=then)


def unbound_of_musl(
    scope: Sequence[tuple[FoundFile, Bindable]], first: int, binding: Binding
) -> Iterator[Trouble]:
    """What musl's loader would miss: it binds everything at the start, and knows no versions.

    In libraries that a program opens it leaves functions for later, where the program wants that.
    """
    files = [one for _, one in scope]
    for place, (file, at) in list(enumerate(scope))[first:]:
        if at.is_musl_loader:
            # It has bound itself before anything else.
            continue
        copied = frozenset(symbol_hash(at.needs[key].name) for key in at.copied)
        rest = at.names
        for number, one in enumerate(files):
            kept = rest & copied if number == place == 0 else frozenset()
            rest = (rest - one.musl) | kept
        missing = {
            one.name
            for one in (at.needs.values() if rest else ())
            if symbol_hash(one.name) in rest and not _is_legacy(files, one.name)
        }
        if missing:
            then = "and musl asks for all at the start"
            is_certain = binding in {"program", "now"} or (binding == "opened" and at.binds_now)
            yield symbol_trouble(file.path, list(missing), is_certain=is_certain, then=then)
        if at.is_irelative:
            yield Trouble(
                kind="symbol",
                is_certain=binding != "any",
                path=file.path,
                says="it chooses functions while it is loaded, which musl's loader does not do",
                evidence=("IRELATIVE",),
            )


def _key(need: Need) -> int:
    return symbol_hash(need.name, need.version or None)


def _is_defined(files: Sequence[Bindable], place: int, need: Need) -> bool:
    """The rarer ways to be found."""
    start = 1 if need.is_copied and not place else 0
    return any(one.defines(need) for one in files[start:])


def _is_legacy(files: Sequence[Bindable], name: bytes) -> bool:
    """Whether a musl since 1.2.4 gives the plain name's symbol for it."""
    base = legacy_base(name)
    if base is None:
        return False
    loader = next((one for one in files if one.is_musl_loader), None)
    return loader is not None and _LEGACY not in loader.musl and symbol_hash(base) in loader.musl


_START, _DLOPEN, _LEGACY = (
    symbol_hash(name) for name in (b"__libc_start_main", b"dlopen", b"open64")
)
