"""Programs started on a tree without running them: as glibc's and musl's loaders would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from lightship.analysis.elf import Mark
from lightship.analysis.elf_reader import ET_EXEC
from lightship.analysis.elf_symbols import ElfSymbols, SymbolMark
from lightship.analysis.elf_symbols_columns import symbol_hash
from lightship.analysis.libraries import Libraries, LoadedObject
from lightship.analysis.loading_binding import Bindable, unbound_of_glibc, unbound_of_musl
from lightship.analysis.loading_troubles import Trouble, outcome_of, text_of
from lightship.analysis.lookup import Lookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lightship.analysis.elf import Elf, ElfFile
    from lightship.analysis.loading_troubles import Outcome
    from lightship.analysis.lookup import FoundFile
    from lightship.analysis.packages.records import Records

Libc = Literal["glibc", "musl", "none", "unknown"]
_MAX_OBJECTS = 2000
# Names that musl takes for itself (ldso/dynlink.c, `load_library`).
_MUSL_OWN = tuple(
    b"lib" + name + b"." for name in (b"c", b"pthread", b"rt", b"m", b"dl", b"util", b"xnet")
)
_NSSWITCH = b"/etc/nsswitch.conf"


class Loaded(Struct, frozen=True, kw_only=True):
    """A program, or a library for one, and what was loaded with it.

    Attributes:
        libc: whose loader was at work; `none`: it needs none; `unknown`: it was not found, or is
            neither's.
        objects: what is loaded, in the loader's order: itself, its libraries, its loader.
        troubles: what is missing; the certain ones are those that stop it.
    """

    libc: Libc
    objects: tuple[FoundFile, ...]
    troubles: tuple[Trouble, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """`loads` only where nothing was missing and everything was seen."""
        return outcome_of(self.troubles)


class _Scene(Struct, frozen=True):
    """A load under way: objects in order, and by the names that others need them by."""

    objects: list[LoadedObject]
    by_name: dict[bytes, LoadedObject]
    loader: FoundFile | None
    is_musl: bool
    troubles: list[Trouble]


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
        self._is_musl_tree = not is_glibc and self._musl_loader() is not None

    def load(self, file: FoundFile, host: Loaded | None = None) -> Loaded:
        """Start a program, or load a library.

        Args:
            file: with its record in the tree; as `Lookup.file` finds it.
            host: for a library that a program opens while it runs: that program, loaded. Without,
                what it does not define is unsure, since any program might.
        """
        elf, symbols = self._elves.get(file.record), self._symbols.get(file.record)
        if elf is None or symbols is None or not (symbols.is_known and elf.is_needed_known):
            return Loaded(libc="unknown", objects=(file,), troubles=(_unread(file.path),))
        if not elf.interpreter and _is_static(elf, symbols):
            return Loaded(libc="none", objects=(file,), troubles=tuple(_opened(file, elf, symbols)))
        loader, troubles = self._loader(file, elf, host)
        if loader is None and troubles:
            return Loaded(libc="unknown", objects=(file,), troubles=troubles)
        return self._run(file, elf, loader, host, list(troubles))

    def _run(
        self,
        file: FoundFile,
        elf: Elf,
        loader: FoundFile | None,
        host: Loaded | None,
        troubles: list[Trouble],
    ) -> Loaded:
        if loader is not None:
            is_musl = self._is_musl(loader)
        else:
            is_musl = host.libc == "musl" if host is not None else self._is_musl_tree
        first = LoadedObject(file, elf, (), is_musl)
        scene = _Scene([first], {}, loader, is_musl, troubles)
        for one in host.objects if host is not None else ():
            other = self._elves.get(one.record)
            if other is not None and one.record != file.record:
                self._add(scene, LoadedObject(one, other, (), is_musl), b"")
        self._load_needed(scene)
        is_library = loader is None and host is None
        self._bind(scene, is_library=is_library)
        return Loaded(
            libc="musl" if is_musl else "glibc",
            objects=tuple(one.file for one in scene.objects),
            troubles=tuple(scene.troubles),
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

    def _load_needed(self, scene: _Scene) -> None:
        """Load what is needed, what that needs, and so on, in the loaders' order."""
        for at in scene.objects:
            if scene.loader is not None and at.file.record == scene.loader.record:
                continue
            if len(scene.objects) > _MAX_OBJECTS:
                scene.troubles.append(_unread(at.file.path))
                return
            inherited = self._libraries.inherited(at)
            for name in at.elf.needed:
                if name in scene.by_name:
                    continue
                found = self._needed(scene, name, at, inherited)
                if found is None:
                    scene.troubles.append(
                        Trouble(
                            kind="library",
                            is_certain=True,
                            path=at.file.path,
                            says=f"the library {text_of(name)} that it needs is not there",
                            evidence=(text_of(name),),
                        )
                    )
                else:
                    self._add(
                        scene,
                        LoadedObject(found, self._elves[found.record], inherited, scene.is_musl),
                        name,
                    )

    def _needed(
        self, scene: _Scene, name: bytes, at: LoadedObject, inherited: tuple[bytes, ...]
    ) -> FoundFile | None:
        if scene.is_musl and name.startswith(_MUSL_OWN):
            return scene.loader or self._musl_loader()
        # The last one is the plain one, behind the variants for other processors.
        found = list(self._libraries.found(name, at, inherited))
        if found:
            file = found[-1]
            is_second_libc = scene.is_musl and self._bindable_of(file.record).open >= _LIBC
            return (scene.loader or self._musl_loader()) if is_second_libc else file
        if scene.loader is not None and self._elves[scene.loader.record].soname == name:
            return scene.loader
        return None

    def _musl_loader(self) -> FoundFile | None:
        return next(self._libraries.musl_loaders(), None)

    def _add(self, scene: _Scene, at: LoadedObject, name: bytes) -> None:
        known = next((one for one in scene.objects if one.file.record == at.file.record), None)
        if known is None:
            scene.objects.append(at)
            known = at
        for alias in (name, at.elf.soname if not scene.is_musl else b""):
            if alias:
                scene.by_name.setdefault(alias, known)

    def _bind(self, scene: _Scene, *, is_library: bool) -> None:
        files = [one.file for one in scene.objects]
        for file in files:
            symbols = self._symbols.get(file.record)
            if symbols is None or not symbols.is_known:
                scene.troubles.append(_unread(file.path))
                return
        scope = [(file, self._bindable_of(file.record)) for file in files]
        if scene.is_musl:
            scene.troubles.extend(unbound_of_musl(scope, is_library=is_library))
            return
        for at in scene.objects:
            scene.troubles.extend(self._versions(scene, at))
        scene.troubles.extend(unbound_of_glibc(scope, is_library=is_library))

    def _versions(self, scene: _Scene, at: LoadedObject) -> Iterator[Trouble]:
        """A version that its library does not define stops glibc's loader (`dl-version.c`)."""
        for need in self._symbols[at.file.record].versions:
            library = scene.by_name.get(need.library)
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


def _unread(path: bytes) -> Trouble:
    return Trouble(
        kind="unread", is_certain=False, path=path, says="not all of its tables could be read"
    )


# By these musl knows another C library (ldso/dynlink.c, `load_library`).
_LIBC = frozenset((symbol_hash(b"__libc_start_main"), symbol_hash(b"stdin")))
