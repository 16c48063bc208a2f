"""Whose each file is: what all package systems list, held against the tree."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from lightship.analysis.ledger import NO_PACKAGE, Ownership
from lightship.analysis.packages.systems import DISTRIBUTIONS, FILE_BY_FILE, systems
from lightship.filetree.tree import Directory
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.analysis.packages.package import Package, PackageSystem
    from lightship.analysis.packages.records import Records

_REGULAR = Kind.REGULAR.value


def find_owners(records: Records) -> Ownership:
    """Give every visible regular inode that a package lists to that package.

    The first system that lists a file has it, and in a system the first package; then the nearest
    directory that a package owns with everything in it, then systems that go file by file. A
    package whose own record another system's package brought (Debian's python3-yaml has a
    dist-info) is that package, and is not listed a second time. An inode with several names belongs
    to who lists any of them.
    """
    return _Owning(records).run(systems())


class _Owning:
    def __init__(self, records: Records) -> None:
        self._records = records
        self._tree = records.tree
        self._owner_of = array("I", bytes(4 * len(records.tree.kinds)))
        self._directories: dict[bytes, Directory | None] = {b"": records.tree.root}
        self._packages: list[Package] = []
        self._trees: dict[int, int] = {}  # by identity of the directory

    def run(self, every: Iterable[PackageSystem]) -> Ownership:
        notes: list[str] = []
        given = False
        for system in every:
            if system.name in FILE_BY_FILE and not given:
                self._give_trees()
                given = True
            found = system.find(self._records)
            notes += found.notes
            for package in found.packages:
                if system.name in DISTRIBUTIONS or not self._is_owned(package.source, system.name):
                    self._enter(package)
        if not given:
            self._give_trees()
        return Ownership(
            packages=tuple(self._packages), owner_of=self._owner_of, notes=tuple(notes)
        )

    def _enter(self, package: Package) -> None:
        self._packages.append(package)
        number = len(self._packages)
        owner_of, inode_of, kinds = self._owner_of, self._tree.inode_of, self._tree.kinds
        directories, missing = self._directories, Directory(-1, None, b"")
        for path in package.paths:
            head, _, name = path.rpartition(b"/")
            directory = directories.get(head, missing)
            if directory is missing:
                directory = self._directory(head)
            if directory is None:
                continue
            child = directory.children.get(name)
            if not isinstance(child, int):
                continue
            inode = inode_of.get(child, child)
            if owner_of[inode] == NO_PACKAGE and kinds[inode] == _REGULAR:
                owner_of[inode] = number
        for path in package.trees:
            directory = self._directory(path)
            if directory is not None and directory is not self._tree.root:
                self._trees.setdefault(id(directory), number)

    def _directory(self, path: bytes) -> Directory | None:
        """The directory at a listed path, links followed; None of one that leads upwards."""
        if path not in self._directories:
            leads_out = b".." in path and b".." in path.split(b"/")
            self._directories[path] = None if leads_out else self._tree.find(path)
        return self._directories[path]

    def _is_owned(self, source: bytes, system: str) -> bool:
        """Whether a package of another system has the file."""
        head, _, name = source.rpartition(b"/")
        directory = self._directory(head)
        child = directory.children.get(name) if directory is not None and name else None
        if child is None or isinstance(child, Directory):
            return False
        owner = self._owner_of[self._tree.inode_of.get(child, child)]
        return owner != NO_PACKAGE and self._packages[owner - 1].system != system

    def _give_trees(self) -> None:
        """What nobody lists is the nearest package's that owns a directory above it."""
        if not self._trees:
            return
        owner_of, trees = self._owner_of, self._trees
        owners: dict[int, int] = {}
        for place in self._records.places:
            directory = place.directory
            above = owners.get(id(directory.parent), NO_PACKAGE) if directory.parent else NO_PACKAGE
            owners[id(directory)] = owner = trees.get(id(directory), above)
            if owner != NO_PACKAGE:
                for record in place.records:
                    if owner_of[record] == NO_PACKAGE:
                        owner_of[record] = owner
