"""One load under way: which files are loaded, in the loaders' order, and what is not found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.elf_symbols_columns import symbol_hash
from lightship.analysis.libraries import LoadedObject
from lightship.analysis.loading_troubles import Trouble, text_of, unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from lightship.analysis.elf import Elf
    from lightship.analysis.libraries import Libraries
    from lightship.analysis.loading_binding import Bindable
    from lightship.analysis.lookup import FoundFile

_MAX_OBJECTS = 2000
# Names that musl takes for itself (ldso/dynlink.c, `load_library`).
_MUSL_OWN = tuple(
    b"lib" + name + b"." for name in (b"c", b"pthread", b"rt", b"m", b"dl", b"util", b"xnet")
)
_VARIANTS = b"/glibc-hwcaps/"
# By these it knows another C library (as above).
_LIBC = frozenset((symbol_hash(b"__libc_start_main"), symbol_hash(b"stdin")))


class Scope:
    """Files in the order in which symbols are looked up in them.

    Attributes:
        objects: what is loaded; those before `first` were there already.
        by_name: by what others need them by.
        troubles: libraries that were not found.
        configured: paths that only ldconfig's cache leads to.
    """

    def __init__(
        self,
        libraries: Libraries,
        elves: Mapping[int, Elf],
        bindable_of: Callable[[int], Bindable],
        loader: FoundFile | None,
        *,
        is_musl: bool,
    ) -> None:
        self.objects: list[LoadedObject] = []
        self.by_name: dict[bytes, LoadedObject] = {}
        self.troubles: list[Trouble] = []
        self.configured: list[bytes] = []
        self.first = 0
        self._by_record: dict[int, LoadedObject] = {}
        self._libraries = libraries
        self._elves = elves
        self._bindable_of = bindable_of
        self._loader = loader
        self._is_musl = is_musl

    def start(self, file: FoundFile, others: Iterable[FoundFile] = ()) -> None:
        """Load a file and all that it needs, behind others that are there already."""
        self._libraries.begin()
        for one in others:
            self._add(one, ())
        self.first = len(self.objects)
        self._add(file, ())
        for number, at in enumerate(self.objects):
            is_loader = self._loader is not None and at.file.record == self._loader.record
            if number >= self.first and not is_loader:
                self._load_needed(at)
            if len(self.objects) > _MAX_OBJECTS or self._libraries.is_exhausted:
                self.troubles = [unread(at.file.path)]
                return

    def _load_needed(self, at: LoadedObject) -> None:
        inherited = self._libraries.inherited(at)
        for name in at.elf.needed:
            if name in self.by_name:
                continue
            found = self._found(name, at, inherited)
            if found is None:
                self._miss(at, name, "is not there")
            elif not self._bindable_of(found.record).is_dynamic:
                self._miss(at, name, "is there, and is none")
            else:
                self._add(found, inherited, name)

    def _miss(self, at: LoadedObject, name: bytes, what: str, *, is_certain: bool = True) -> None:
        self.troubles.append(
            Trouble(
                kind="library",
                is_certain=is_certain,
                path=at.file.path,
                says=f"the library {text_of(name)} that it needs {what}",
                evidence=(text_of(name),),
            )
        )

    def _found(
        self, name: bytes, at: LoadedObject, inherited: tuple[bytes, ...]
    ) -> FoundFile | None:
        if self._is_musl and name.startswith(_MUSL_OWN):
            return self._own()
        # The last one is the plain one, behind the variants for other processors.
        found = list(self._libraries.found(name, at, inherited))
        if found:
            file = found[-1]
            if self._is_musl and self._bindable_of(file.record).open >= _LIBC:
                return self._own()
            if _VARIANTS in file.path:
                self._miss(at, name, "is there only for some processors", is_certain=False)
            if not self._is_musl and self._libraries.is_configured(file, at, inherited):
                self.configured.append(file.path)
            return file
        if self._loader is not None and self._elves[self._loader.record].soname == name:
            return self._loader
        return None

    def _own(self) -> FoundFile | None:
        """The loader of musl, which is its C library."""
        return self._loader or next(self._libraries.musl_loaders(), None)

    def _add(self, file: FoundFile, inherited: tuple[bytes, ...], name: bytes = b"") -> None:
        elf = self._elves.get(file.record)
        if elf is None:
            return
        known = self._by_record.get(file.record)
        if known is None:
            known = LoadedObject(file, elf, inherited, self._is_musl)
            self._by_record[file.record] = known
            self.objects.append(known)
        for alias in (name, b"" if self._is_musl else elf.soname):
            if alias:
                self.by_name.setdefault(alias, known)
