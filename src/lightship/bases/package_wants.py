"""What an application uses of distributions' packages, and the base does not have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from lightship.analysis.ledger import NO_PACKAGE
from lightship.analysis.packages.systems import DISTRIBUTIONS
from lightship.bases.reasoning import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.packages.package import Package
    from lightship.bases.move import Move

Kind = Literal["library", "program", "package"]
_C_LIBRARY = re.compile(
    rb"(?:lib(?:c|m|pthread|dl|rt|util|resolv|anl|nsl|nss_\w+|mvec|c\.musl-\w+)\.so[.\d]*"
    rb"|ld[-.\w]*\.so[.\d]*)\Z"
)
"""What comes with a C library: the loader's judges speak of it."""


class Want(Struct, frozen=True):
    """Something of a package that the application uses.

    Attributes:
        name: soname, name of the program, or of the package.
        package: that has it now.
        by: path of the file that needs it; empty where nothing tells.
        is_certain: whether the container does not start without.
    """

    kind: Kind
    name: str
    package: Package
    by: bytes = b""
    is_certain: bool = False


def wants_of_packages(move: Move) -> tuple[Want, ...]:
    """What is used, libraries first; of what the base's tree has nothing is told."""
    return tuple(_Wants(move).all())


class _Wants:
    def __init__(self, move: Move) -> None:
        self._move = move
        self._scene = move.application.scene
        ownership = move.application.inside.ledger.ownership
        self._packages = ownership.packages
        self._owner_of = ownership.owner_of
        self._told: set[str] = set()

    def all(self) -> Iterator[Want]:
        yield from self._libraries()
        yield from self._programs()
        yield from self._asked_for()

    def _package(self, record: int) -> Package | None:
        """The distribution's package that has a file."""
        owner = self._owner_of[record]
        if owner == NO_PACKAGE:
            return None
        package = self._packages[owner - 1]
        return package if package.system in DISTRIBUTIONS else None

    def _libraries(self) -> Iterator[Want]:
        there = self._there()
        owned: dict[bytes, Package] = {}
        for one in self._scene.elves.values():
            package = self._package(one.record)
            if package is not None and b".so" in one.path.rpartition(b"/")[2]:
                owned.setdefault(one.path.rpartition(b"/")[2], package)
                if one.elf.soname:
                    owned[one.elf.soname] = package
        seen: set[bytes] = set()
        for path, name, is_certain in self._needs():
            if name in seen or _C_LIBRARY.match(name) or name in there:
                continue
            package = owned.get(name)
            if package is not None:
                seen.add(name)
                self._told.add(package.name)
                yield Want("library", text_of(name), package, path, is_certain)

    def _there(self) -> frozenset[bytes]:
        """Names of the libraries that the landing has."""
        landing = self._move.landing
        found = set()
        for one in landing.elves.values() if landing is not None else ():
            found.add(one.path.rpartition(b"/")[2])
            found.add(one.elf.soname)
        return frozenset(found)

    def _needs(self) -> Iterator[tuple[bytes, bytes, bool]]:
        """Libraries by those that need them, what is certain first."""
        certain: set[int] = set()
        for file in self._scene.started.files:
            if file.record in self._scene.elves:
                certain.update(one.record for one in self._scene.loaded(file).objects)
        carried = self._move.application.carried
        elves = self._scene.elves
        own = [record for record in elves if record in carried]
        # A library of a package needs others: these come along with the package.
        for record in (*(r for r in own if r in certain), *(r for r in own if r not in certain)):
            for name in elves[record].elf.needed:
                yield elves[record].path, name, record in certain

    def _programs(self) -> Iterator[Want]:
        scene, landing = self._scene, self._move.landing
        certain = {one.record for one in scene.started.files}
        for step in scene.started.steps:
            package = self._package(step.file.record) if step.file is not None else None
            if step.file is None or package is None:
                continue
            if landing is not None and landing.program(step.word) is not None:
                continue
            by = step.by.path if step.by is not None else b""
            yield from self._program(step.file.path, package, by, is_certain=step.is_certain)
        for file, word in zip(scene.entrypoint.files, scene.entrypoint.called, strict=True):
            package = self._package(file.record)
            if package is None or file.record in certain:
                continue
            if landing is None or landing.program(word) is None:
                yield from self._program(file.path, package, b"", is_certain=False)

    def _program(
        self, path: bytes, package: Package, by: bytes, *, is_certain: bool
    ) -> Iterator[Want]:
        if package.name not in self._told:
            self._told.add(package.name)
            name = text_of(path.rpartition(b"/")[2])
            yield Want("program", name, package, by, is_certain)

    def _asked_for(self) -> Iterator[Want]:
        """Packages that somebody installed for the application, by name."""
        application = self._move.application
        if application.inside.base_layers is None:
            return
        installed = [self._packages[number] for number in sorted(application.packages)]
        depended = {name for one in installed for name in one.depends}
        for package in installed:
            asked = package.requested
            if asked is None:
                asked = package.name not in depended
            if asked and package.name not in self._told:
                yield Want("package", package.name, package)
