"""How the ELF files of a move start on the base: one by one, held against how they start now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from lightship.analysis.loading_catalogued import catalogued_troubles
from lightship.analysis.lookup import FoundFile
from lightship.catalogue.c_libraries import c_library_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.loading import Loaded
    from lightship.analysis.loading_troubles import Trouble
    from lightship.bases.landing import Landing
    from lightship.bases.move import Move
    from lightship.bases.scene import Scene

Role = Literal["started", "called", "carried"]
_MAX_CARRIED = 2000


class Failure(Struct, frozen=True):
    """What is missing for a file on the base, and is not missing now.

    Attributes:
        file: that is loaded; `trouble.path` is of the one of its libraries that misses something.
        role: `started`: the container runs it for certain; `called`: its scripts may; `carried`:
            nobody knows whether it is loaded.
        weight: `blocks` only where it is certain that the container does not start.
    """

    file: bytes
    role: Role
    trouble: Trouble
    weight: Literal["blocks", "unproven"]


class Loads(Struct, frozen=True):
    """All failures; `unasked` counts carried files that were too many to be loaded."""

    failures: tuple[Failure, ...]
    unasked: int = 0

    def of(self, *kinds: str) -> Iterator[Failure]:
        """Those of these kinds of trouble."""
        return (one for one in self.failures if one.trouble.kind in kinds)


def loads_of(move: Move) -> Loads:
    """Start every ELF file that matters."""
    if move.landing is None:
        return Loads(tuple(_catalogued(move)))
    return _Loading(move.application.scene, move.landing, move).run()


class _Loading:
    def __init__(self, now: Scene, landing: Landing, move: Move) -> None:
        self._now = now
        self._landing = landing
        self._application = move.application
        self._failures: list[Failure] = []
        self._seen: set[int] = set()

    def run(self) -> Loads:
        started = self._landing.started.files
        for file in started:
            self._program(file, "started")
        for file in self._landing.entrypoint.files:
            self._program(file, "called")
        hosts = _host(self._now), _host(self._landing)
        carried = list(self._carried_files())
        for file, origin in carried[:_MAX_CARRIED]:
            is_program = bool(self._landing.elves[file.record].elf.interpreter)
            then = self._landing.loaded(file, None if is_program else hosts[1])
            if then.troubles:
                before = self._now.loaded(origin, None if is_program else hosts[0])
                self._note(file, "carried", then, before)
        return Loads(tuple(self._failures), max(len(carried) - _MAX_CARRIED, 0))

    def _program(self, file: FoundFile, role: Role) -> None:
        if file.record in self._seen or file.record not in self._landing.elves:
            return
        self._seen.add(file.record)
        then = self._landing.loaded(file)
        self._seen.update(one.record for one in then.objects)
        if not then.troubles:
            return
        origin = self._now.lookup.file(file.path)
        before = None
        if origin is not None and origin.record in self._now.elves:
            before = self._now.loaded(origin)
        self._note(file, role, then, before)

    def _note(self, file: FoundFile, role: Role, then: Loaded, before: Loaded | None) -> None:
        if then.outcome != "fails" and (self._is_theirs(then) or self._is_same(then, before)):
            return
        as_now = {_key(one) for one in before.troubles} if before is not None else frozenset()
        is_awaited = before is not None and self._awaits_packages(then, before)
        for trouble in then.troubles:
            is_new = _key(trouble) not in as_now
            if role == "started":
                may_come = is_awaited and trouble.kind in ("library", "symbol")
                blocks = trouble.is_certain and is_new and not may_come
            elif is_new and (trouble.is_certain or role == "carried"):
                blocks = False
            else:
                continue
            weight: Literal["blocks", "unproven"] = "blocks" if blocks else "unproven"
            self._failures.append(Failure(file.path, role, trouble, weight))

    def _is_theirs(self, then: Loaded) -> bool:
        """Whether the base made all that is loaded: it does what it did without the application."""
        first = self._landing.tree.bases[-1]
        return all(one.record < first for one in then.objects)

    def _is_same(self, then: Loaded, before: Loaded | None) -> bool:
        """Whether the very same files are loaded, byte for byte, and nothing else is opened."""
        if before is None:
            return False
        is_whole = then.libc == before.libc and then.libc in ("glibc", "musl")
        return is_whole and [self._landing.content(one.record) for one in then.objects] == [
            self._now.content(one.record) for one in before.objects
        ]

    def _awaits_packages(self, then: Loaded, before: Loaded) -> bool:
        """Whether a library that is missing comes with packages that are installed anew."""
        missing = {name for one in then.troubles if one.kind == "library" for name in one.evidence}
        return any(
            self._application.is_installed(one.record)
            and one.path.rpartition(b"/")[2].decode("utf-8", "replace").startswith(tuple(missing))
            for one in before.objects
        )

    def _carried_files(self) -> Iterator[tuple[FoundFile, FoundFile]]:
        first = self._landing.tree.bases[-1]
        for one in self._landing.elves.values():
            if one.record < first or one.record in self._seen or not one.elf.is_linked:
                continue
            origin = self._landing.origins[one.record]
            before = self._now.elves.get(origin)
            if before is not None and origin in self._application.carried:
                yield FoundFile(one.path, one.record), FoundFile(before.path, origin)


def _host(scene: Scene) -> Loaded | None:
    """The program that opens libraries while it runs: the last one of the start."""
    last = scene.started.last
    if last is None or last.record not in scene.elves:
        return None
    loaded = scene.loaded(last)
    return loaded if loaded.libc in ("glibc", "musl") and loaded.outcome == "loads" else None


def _key(trouble: Trouble) -> tuple[str, bytes, tuple[str, ...]]:
    return trouble.kind, trouble.path, trouble.evidence


def _catalogued(move: Move) -> Iterator[Failure]:
    """By the kind and version of the C library alone."""
    row = move.candidate.row
    if row is None or row.libc is None:
        return
    known = c_library_of(row.system)
    if known is not None and known.libc != row.libc:
        # An image of another C library than its distribution's: busybox of musl, say.
        known = None
    scene, application = move.application.scene, move.application
    started = {file.record for file in scene.started.files}
    brings = frozenset(
        one.path.rpartition(b"/")[2]
        for one in scene.elves.values()
        if one.record in application.carried
    )
    for one in scene.elves.values():
        symbols = scene.symbols.get(one.record)
        if one.record not in application.carried or symbols is None or not one.elf.is_linked:
            continue
        role: Role = "started" if one.record in started else "carried"
        for trouble in catalogued_troubles(
            one.path,
            one.elf,
            symbols,
            libc=row.libc,
            version=known.symbols_version if known is not None else None,
            libstdcxx=known.libstdcxx if known is not None else None,
            brings=brings,
        ):
            if trouble.is_certain:
                # That a loader is missing does not rest on a version that nobody read.
                is_read = trouble.kind == "loader" or known is None or known.verified
                weight: Literal["blocks", "unproven"]
                weight = "blocks" if role == "started" and is_read else "unproven"
                yield Failure(one.path, role, trouble, weight)
