"""Which libraries programs load: the loader's search, done on the tree without running anything.

As documented in ld.so(8) of glibc, and for musl in its manual ("Dynamic linker"): DT_RPATH, then
LD_LIBRARY_PATH, DT_RUNPATH, the directories of `ld.so.conf`, the usual ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from lightship.analysis.library_places import LibraryPlaces
from lightship.analysis.lookup import FoundFile, Lookup, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lightship.analysis.elf import Elf, ElfFile
    from lightship.analysis.packages.records import Records

# What may be looked up for one image's programs: real ones need some thousands of look-ups.
_MAX_LOOKUPS = 500_000
_MAX_INHERITED = 1000


class Closure(Struct, frozen=True):
    """What some programs load.

    Attributes:
        records: inodes of the programs that are ELF files, of their loaders and libraries.
        missing: the file that needs it, and what was found nowhere.
        is_complete: False where a file's needs are not known, or they are too many.
    """

    records: frozenset[int]
    missing: tuple[tuple[bytes, bytes], ...]
    is_complete: bool


class LoadedObject(NamedTuple):
    """A loaded file, and the search paths of those that brought it in (DT_RPATH is inherited)."""

    file: FoundFile
    elf: Elf
    inherited: tuple[bytes, ...]
    is_musl: bool


class Libraries:
    """The loader's view of an image.

    Args:
        records: captured with `elf_requests()` and `library_requests()`.
        elf_files: what `elves(records)` gives.
        library_path: LD_LIBRARY_PATH of the config, its elements.
        working_directory: of the config, for elements that are not absolute.
    """

    def __init__(
        self,
        records: Records,
        elf_files: Iterable[ElfFile],
        library_path: Sequence[bytes] = (),
        working_directory: bytes = b"",
    ) -> None:
        self._elves = {one.record: one.elf for one in elf_files}
        self._lookup = Lookup(records.tree)
        self._lookups = 0
        self._places = LibraryPlaces(records, self._lookup)
        self._library_path = tuple(joined(working_directory, path) for path in library_path if path)

    def begin(self) -> None:
        """Start counting look-ups anew: each load has as many as it may need."""
        self._lookups = 0

    @property
    def is_exhausted(self) -> bool:
        """Whether more was to be looked up than any real program needs: then nothing is found."""
        return self._lookups > _MAX_LOOKUPS

    def is_configured(self, file: FoundFile, at: LoadedObject, inherited: Iterable[bytes]) -> bool:
        """Whether a library lies where glibc finds it only by the cache that ldconfig(8) writes."""
        directory = file.path.rpartition(b"/")[0]
        asked = (*self._library_path, *inherited, *self._expanded(at.elf.runpath, at))
        return (
            directory in {one.strip(b"/") for one in self._places.configured}
            and directory not in {one.strip(b"/") for one in asked}
            and directory not in self._places.usual(at.elf)
        )

    def musl_loaders(self) -> Iterator[FoundFile]:
        """The loaders of musl, which are its C libraries, for whatever machine."""
        for path in self._places.musl_loaders():
            file = self._lookup.file(path)
            if file is not None and file.record in self._elves:
                yield file

    def closure(self, starts: Iterable[FoundFile]) -> Closure:
        """Everything that these files load, themselves included; what is no ELF file loads nothing.

        Libraries for other processors (`glibc-hwcaps`) count along: any of them may be loaded.
        """
        self._lookups = 0
        records: set[int] = set()
        missing: dict[tuple[bytes, bytes], None] = {}
        seen: set[tuple[int, tuple[bytes, ...], bool]] = set()
        queue = [one for start in starts for one in self._started(start, records)]
        is_complete = True
        while queue:
            if self._lookups > _MAX_LOOKUPS:
                return Closure(frozenset(records), tuple(missing), is_complete=False)
            at = queue.pop()
            key = (at.file.record, at.inherited, at.is_musl)
            if key in seen:
                continue
            seen.add(key)
            records.add(at.file.record)
            is_complete = is_complete and at.elf.is_needed_known
            inherited = self.inherited(at)
            for name in at.elf.needed:
                found = list(self.found(name, at, inherited))
                if not found and not self._places.is_loader(name):
                    missing[at.file.path, name] = None
                for file in found:
                    elf = self._elves[file.record]
                    queue.append(LoadedObject(file, elf, inherited, at.is_musl))
        return Closure(frozenset(records), tuple(missing), is_complete)

    def _started(self, file: FoundFile, records: set[int]) -> Iterator[LoadedObject]:
        elf = self._elves.get(file.record)
        if elf is None:
            return
        is_musl = b"ld-musl" in elf.interpreter or (not elf.interpreter and self._places.is_musl)
        loader = self._lookup.file(elf.interpreter) if elf.interpreter else None
        if loader is not None:
            records.add(loader.record)
        yield LoadedObject(file, elf, (), is_musl)

    def inherited(self, at: LoadedObject) -> tuple[bytes, ...]:
        """Search paths for what `at` needs, and what that needs in turn."""
        if at.is_musl:
            own = at.elf.runpath or at.elf.rpath
        else:
            own = b"" if at.elf.runpath else at.elf.rpath
        directories = tuple(self._expanded(own, at))
        further = (one for one in at.inherited if one not in directories)
        return (*directories, *further)[:_MAX_INHERITED]

    def found(
        self, name: bytes, at: LoadedObject, inherited: tuple[bytes, ...]
    ) -> Iterator[FoundFile]:
        """Where the loader finds a library: the first place that has it, and its variants there."""
        if b"/" in name:
            path = next(self._expanded(name, at), b"")
            file = self._fitting(path, at.elf)
            if file is not None:
                yield file
            return
        for directory in self._search(at, inherited):
            for place in self._places.variants(directory):
                variant = self._fitting(place + b"/" + name, at.elf)
                if variant is not None:
                    yield variant
            # Without the plain one, a processor that has no variant goes on searching.
            file = self._fitting(directory + b"/" + name, at.elf)
            if file is not None:
                yield file
                return

    def _search(self, at: LoadedObject, inherited: tuple[bytes, ...]) -> Iterator[bytes]:
        if at.is_musl:
            yield from self._library_path
            yield from inherited
            yield from self._places.musl()
            return
        if not at.elf.runpath:
            yield from inherited
        yield from self._library_path
        yield from self._expanded(at.elf.runpath, at)
        yield from self._places.configured
        yield from self._places.usual(at.elf)

    def _expanded(self, paths: bytes, at: LoadedObject) -> Iterator[bytes]:
        """Elements of a search path with what stands for something put in."""
        if not paths:
            return
        as_found = at.file.path.rpartition(b"/")[0]
        for path in paths.split(b":"):
            yield self._places.expanded(path, b"/" + as_found, at.elf)

    def _fitting(self, path: bytes, wanted: Elf) -> FoundFile | None:
        """The library at a path, if it is for the same machine as who wants it."""
        self._lookups += 1
        if self._lookups > _MAX_LOOKUPS:
            return None
        file = self._lookup.file(path)
        elf = self._elves.get(file.record) if file is not None else None
        if elf is None or (elf.machine, elf.bits, elf.is_little) != (
            wanted.machine,
            wanted.bits,
            wanted.is_little,
        ):
            return None
        return file
