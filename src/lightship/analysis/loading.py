"""Programs started on a tree without running them: as glibc's and musl's loaders would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from lightship.analysis.elf import Mark
from lightship.analysis.elf_reader import ET_EXEC
from lightship.analysis.elf_symbols import ElfSymbols, SymbolMark
from lightship.analysis.libraries import Libraries
from lightship.analysis.loading_binding import Bindable, unbound_of_glibc, unbound_of_musl
from lightship.analysis.loading_scope import Scope
from lightship.analysis.loading_troubles import Trouble, outcome_of, text_of, unread
from lightship.analysis.lookup import Lookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lightship.analysis.elf import Elf, ElfFile
    from lightship.analysis.libraries import LoadedObject
    from lightship.analysis.loading_binding import Binding
    from lightship.analysis.loading_troubles import Outcome
    from lightship.analysis.lookup import FoundFile
    from lightship.analysis.packages.records import Records

Libc = Literal["glibc", "musl", "none", "unknown"]
_NSSWITCH = b"/etc/nsswitch.conf"


class Loaded(Struct, frozen=True, kw_only=True):
    """A program, or a library for one, and what was loaded with it.

    Attributes:
        libc: whose loader was at work; `none`: it needs none; `unknown`: it was not found, or is
            neither's.
        objects: what is loaded, in the loader's order: itself, its libraries, its loader; behind
            those of its host.
        troubles: what is missing; the certain ones are those that stop it.
        configured: paths of libraries that glibc finds only by the cache that `ldconfig` writes.
    """

    libc: Libc
    objects: tuple[FoundFile, ...]
    troubles: tuple[Trouble, ...] = ()
    configured: tuple[bytes, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """`loads` only where nothing was missing and everything was seen."""
        return outcome_of(self.troubles)


class _How(NamedTuple):
    is_musl: bool
    binding: Binding


class Loader:
    """The loaders of one tree.

    Args:
        records: captured with `elf_requests()`, `library_requests()` and `symbol_requests()`.
        elf_files: what `elves(records)` gives.
        symbols: what `symbols_of(records)` gives.
        library_path: LD_LIBRARY_PATH of the config, its elements.
        working_directory: of the config, for elements that are not absolute.
    """

    def __init__(
        self,
        records: Records,
        elf_files: Iterable[ElfFile],
        symbols: Mapping[int, ElfSymbols],
        library_path: Sequence[bytes] = (),
        working_directory: bytes = b"",
    ) -> None:
        elf_files = tuple(elf_files)
        self._elves = {one.record: one.elf for one in elf_files}
        self._symbols = symbols
        self._lookup = Lookup(records.tree)
        self._libraries = Libraries(records, elf_files, library_path, working_directory)
        self._bindable: dict[int, Bindable] = {}
        loaders = (
            self._lookup.file(folder + b"/" + name)
            for folder in (b"lib", b"lib64")
            for name in records.names_in(folder)
            if name.startswith(b"ld")
        )
        is_glibc = any(one is not None and self._is_glibc(one.record) for one in loaders)
        self._is_musl_tree = not is_glibc and next(self._libraries.musl_loaders(), None) is not None

    def load(
        self, file: FoundFile, host: Loaded | None = None, *, opened_now: bool = False
    ) -> Loaded:
        """Start a program, or load a library.

        Args:
            file: with its record in the tree; as `Lookup.file` finds it.
            host: for a library that a program opens while it runs: that program, loaded. Without,
                what it does not define is unsure, since any program might.
            opened_now: whether the host binds all functions when it opens it (RTLD_NOW, as CPython
                does; Node.js does not).
        """
        elf, symbols = self._elves.get(file.record), self._symbols.get(file.record)
        if elf is None or symbols is None or not (symbols.is_known and elf.is_needed_known):
            return Loaded(libc="unknown", objects=(file,), troubles=(unread(file.path),))
        if not elf.interpreter and _is_static(elf, symbols):
            return Loaded(libc="none", objects=(file,), troubles=tuple(_opened(file, elf, symbols)))
        if host is not None and host.libc not in ("glibc", "musl"):
            host = None
        loader, troubles = self._loader(file, elf, host)
        if loader is None and troubles:
            return Loaded(libc="unknown", objects=(file,), troubles=troubles)
        if loader is not None:
            is_musl = self._is_musl(loader)
        else:
            is_musl = host.libc == "musl" if host is not None else self._is_musl_tree
        binding: Binding = "program"
        if loader is None:
            binding = "any" if host is None else "now" if opened_now else "opened"
        scope = Scope(self._libraries, self._elves, self._bindable_of, loader, is_musl=is_musl)
        scope.start(file, host.objects if host is not None else ())
        bound = self._bind(scope, _How(is_musl, binding))
        return Loaded(
            libc="musl" if is_musl else "glibc",
            objects=tuple(one.file for one in scope.objects),
            troubles=(*scope.troubles, *bound),
            configured=tuple(dict.fromkeys(scope.configured)),
        )

    def _loader(
        self, file: FoundFile, elf: Elf, host: Loaded | None
    ) -> tuple[FoundFile | None, tuple[Trouble, ...]]:
        if not elf.interpreter or host is not None:
            return None, ()
        loader = self._lookup.file(elf.interpreter)
        name = text_of(elf.interpreter)
        known = self._elves.get(loader.record) if loader is not None else None
        if loader is None or known is None:
            says = f"its loader {name} is not there"
            if loader is not None:
                says = f"its loader {name} is no program that could be read"
            is_certain = loader is None
        elif (known.machine, known.bits, known.is_little) != (elf.machine, elf.bits, elf.is_little):
            says, is_certain = f"its loader {name} is for another machine", True
        elif not self._is_musl(loader) and not self._is_glibc(loader.record):
            says, is_certain = f"its loader {name} is neither glibc's nor musl's", False
        else:
            return loader, ()
        evidence = (name,)
        return None, (
            Trouble(
                kind="loader", is_certain=is_certain, path=file.path, says=says, evidence=evidence
            ),
        )

    def _is_musl(self, loader: FoundFile) -> bool:
        """The loader of musl is its C library, too."""
        return self._bindable_of(loader.record).is_musl_loader

    def _is_glibc(self, record: int) -> bool:
        symbols = self._symbols.get(record)
        defines = symbols.defines if symbols is not None else ()
        return any(one.startswith(b"GLIBC_") for one in defines)

    def _bind(self, scope: Scope, how: _How) -> Iterator[Trouble]:
        for at in scope.objects:
            symbols = self._symbols.get(at.file.record)
            if symbols is None or not symbols.is_known:
                yield unread(at.file.path)
                return
        files = [(one.file, self._bindable_of(one.file.record)) for one in scope.objects]
        if how.is_musl:
            yield from unbound_of_musl(files, scope.first, how.binding)
            yield from self._packed(scope)
            return
        for at in scope.objects[scope.first :]:
            yield from self._versions(scope, at)
        yield from unbound_of_glibc(files, scope.first, how.binding)

    def _packed(self, scope: Scope) -> Iterator[Trouble]:
        """Musl before 1.2.4 passes packed relocations over (WHATSNEW), and what has them breaks."""
        loaders = (self._bindable_of(one.file.record) for one in scope.objects)
        if not any(one.is_old_musl for one in loaders):
            return
        for at in scope.objects[scope.first :]:
            if self._symbols[at.file.record].has(SymbolMark.RELR):
                yield Trouble(
                    kind="symbol",
                    is_certain=False,
                    path=at.file.path,
                    says="it has packed relocations, which musl before 1.2.4 does not know",
                    evidence=("DT_RELR",),
                )

    def _versions(self, scope: Scope, at: LoadedObject) -> Iterator[Trouble]:
        """A version that its library does not define stops glibc's loader (`dl-version.c`)."""
        for need in self._symbols[at.file.record].versions:
            library = scope.by_name.get(need.library)
            if library is None or need.is_weak:
                continue
            defines = self._symbols[library.file.record].defines
            if defines and need.version not in defines:
                version = text_of(need.version)
                yield Trouble(
                    kind="version",
                    is_certain=True,
                    path=at.file.path,
                    says=f"{text_of(need.library)} there is without {version}, which it needs",
                    evidence=(version,),
                )

    def _bindable_of(self, record: int) -> Bindable:
        if record not in self._bindable:
            elf, symbols = self._elves.get(record), self._symbols.get(record)
            soname = elf.soname if elf is not None else b""
            self._bindable[record] = Bindable.of(symbols or ElfSymbols(), soname)
        return self._bindable[record]


def _is_static(elf: Elf, symbols: ElfSymbols) -> bool:
    if not symbols.has(SymbolMark.DYNAMIC):
        return True
    return not elf.needed and (elf.type == ET_EXEC or elf.has(Mark.PIE))


def _opened(file: FoundFile, elf: Elf, symbols: ElfSymbols) -> Iterator[Trouble]:
    """Programs of glibc open name services by themselves, static ones too."""
    if elf.has(Mark.GO) or _NSSWITCH not in symbols.text.places:
        return
    yield Trouble(
        kind="library",
        is_certain=False,
        path=file.path,
        says="it is static, and opens libraries of its C library when it looks up names",
    )
