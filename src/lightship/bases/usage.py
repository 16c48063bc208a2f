"""How much of its base an application uses, as far as files and packages tell."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.ledger import NO_PACKAGE
from lightship.analysis.libraries import Libraries
from lightship.analysis.lookup import FoundFile
from lightship.analysis.needed import with_dependencies
from lightship.analysis.packages.systems import DISTRIBUTIONS
from lightship.analysis.source_words import source_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.application import Application

_SYSTEM_PREFIXES = frozenset((b"", b"usr"))


class Usage(Struct, frozen=True, kw_only=True):
    """The base's visible content bytes, parted by whether the application uses them.

    Attributes:
        base_bytes: all of them.
        used_bytes: of files that the command and the carried programs run and load, of their
            packages with all that these depend on, and of the prefixes (`/usr/local`) of programs
            that no package owns.
        packages: positions of the base's packages that are used.
        lent: of these, what the base's own programs do not need, but libraries and sources of the
            application do.
        unused: the base's packages that nothing is known to use, the largest first: name, bytes.
        programs: names of programs that are called by the command, its scripts and sources.
    """

    base_bytes: int
    used_bytes: int
    packages: frozenset[int]
    lent: frozenset[int]
    unused: tuple[tuple[str, int], ...]
    programs: frozenset[bytes]


def usage_of(application: Application) -> Usage:
    """Part the base."""
    return _Parting(application).usage()


class _Parting:
    def __init__(self, application: Application) -> None:
        self._application = application
        ledger = application.inside.ledger
        self._ledger = ledger
        self._packages = ledger.ownership.packages
        settings = application.inside.settings
        self._scene = application.scene
        self._libraries = Libraries(
            ledger.records,
            tuple(self._scene.elves.values()),
            settings.library_path,
            settings.working_directory,
        )

    def usage(self) -> Usage:
        called = list(self._called())
        starts = [*self._application.entrypoint.files, *called]
        prefixes = self._prefixes(starts)
        own = self._closure([*starts, *self._elves_of(prefixes)])
        carried = self._closure(self._carried_elves())
        essential = {number for number, one in enumerate(self._packages) if one.essential}
        needed = with_dependencies(self._packages, self._owners(own) | essential)
        lent = with_dependencies(self._packages, self._owners(carried)) - needed
        return self._summed(own | carried, needed | lent, lent, prefixes, starts)

    def _summed(
        self,
        records: frozenset[int],
        packages: frozenset[int],
        lent: frozenset[int],
        prefixes: frozenset[bytes],
        starts: list[FoundFile],
    ) -> Usage:
        base_bytes = used_bytes = 0
        unused: Counter[int] = Counter()
        installed: set[int] = set()
        for path, record, size in self._base_files():
            base_bytes += size
            owner = self._owner(record)
            if owner is not None:
                installed.add(owner)
            in_prefix = owner is None and any(path.startswith(one + b"/") for one in prefixes)
            if owner in packages or record in records or in_prefix:
                used_bytes += size
            elif owner is not None:
                unused[owner] += size
        shown = ((self._packages[number].name, count) for number, count in unused.most_common())
        return Usage(
            base_bytes=base_bytes,
            used_bytes=used_bytes,
            packages=packages & installed,
            lent=lent & installed,
            unused=tuple(shown),
            programs=frozenset(one.path.rpartition(b"/")[2] for one in starts),
        )

    def _base_files(self) -> Iterator[tuple[bytes, int, int]]:
        first = self._application.first_record
        for place in self._ledger.places:
            prefix = place.path + b"/" if place.path else b""
            for name, record, size in zip(place.names, place.records, place.sizes, strict=True):
                if record < first:
                    yield prefix + name, record, size

    def _called(self) -> Iterator[FoundFile]:
        """Programs that sources of the application start."""
        words = {
            word
            for record, found in source_words(self._ledger.records).items()
            if record in self._application.carried
            for word in found.programs
        }
        for word in sorted(words):
            file = self._scene.program(word)
            if file is not None:
                yield file

    def _carried_elves(self) -> list[FoundFile]:
        return [
            FoundFile(one.path, record)
            for record, one in self._scene.elves.items()
            if record in self._application.carried and one.elf.is_linked
        ]

    def _prefixes(self, starts: list[FoundFile]) -> frozenset[bytes]:
        """`usr/local` of `usr/local/bin/python`, where no package owns it."""
        first = self._application.first_record
        found = {
            one.path.rpartition(b"/")[0].rpartition(b"/")[0]
            for one in starts
            if one.record < first and self._owner(one.record) is None
        }
        return frozenset(found - _SYSTEM_PREFIXES)

    def _elves_of(self, prefixes: frozenset[bytes]) -> Iterator[FoundFile]:
        first = self._application.first_record
        for record, one in self._scene.elves.items():
            in_prefix = any(one.path.startswith(prefix + b"/") for prefix in prefixes)
            if record < first and in_prefix and one.elf.is_linked:
                yield FoundFile(one.path, record)

    def _closure(self, files: list[FoundFile]) -> frozenset[int]:
        return self._libraries.closure(files).records | {one.record for one in files}

    def _owners(self, records: frozenset[int]) -> set[int]:
        owners = (self._owner(record) for record in records)
        return {owner for owner in owners if owner is not None}

    def _owner(self, record: int) -> int | None:
        owner = self._ledger.ownership.owner_of[record]
        if owner == NO_PACKAGE or self._packages[owner - 1].system not in DISTRIBUTIONS:
            return None
        return owner - 1
