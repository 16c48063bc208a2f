"""Reads a package index, whatever it is: told by its content, never by its name."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from lightship.bases.indexes import apk, deb, rpm
from lightship.bases.indexes.index import IndexFile
from lightship.bases.indexes.indexed import MAX_PACKAGES, IndexedPackage
from lightship.bases.indexes.unpacked import unpacked
from lightship.catalogue.package_names import release_names, release_of
from lightship.errors import CorruptInputError, OverLimitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HEAD_BYTES = 16 * 1024
_MAX_REPOMD_BYTES = 4 * 1024 * 1024
_MAX_CONTENTS = 4_000_000


class Elsewhere(Exception):  # noqa: N818 - nothing went wrong: the list is in another file
    """The file is a `repomd.xml`; `place` says where below the repository the packages are."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


def read_index(name: str, chunks: Iterable[bytes], system: str | None = None) -> IndexFile:
    """Read an index.

    Args:
        name: of the file, for messages.
        chunks: its stored bytes.
        system: that the user says it is of; None for what it tells itself.

    Raises:
        Elsewhere: it only says where the index is.
        CorruptInputError: it is damaged, or no index that is read here.
    """
    try:
        return _read(name, unpacked(chunks), system)
    except CorruptInputError as problem:
        hint = "An index is an APKINDEX.tar.gz, Packages, Contents, repomd.xml or primary.xml."
        raise type(problem)(f"the package index {name}: {problem.what}", hint) from problem


def _read(name: str, source: Iterator[bytes], system: str | None) -> IndexFile:
    head = b""
    for piece in source:
        head += piece
        if len(head) >= _HEAD_BYTES:
            break
    pieces = chain((head,), source)
    if apk.is_index(head):
        return _apk(name, pieces, system)
    if deb.is_packages(head):
        packages = _bounded(deb.read_packages(pieces))
        return IndexFile(
            name=name, format="dpkg", system=system or _told(packages), packages=packages
        )
    if rpm.is_repomd(head):
        data = b"".join(islice(pieces, _MAX_REPOMD_BYTES // _HEAD_BYTES))
        raise Elsewhere(rpm.primary_place(data[:_MAX_REPOMD_BYTES]))
    if rpm.is_primary(head):
        packages = _bounded(rpm.read_primary(pieces))
        return IndexFile(
            name=name, format="rpm", system=system or _told(packages), packages=packages
        )
    if deb.is_contents(head):
        contents = _contents(pieces)
        return IndexFile(name=name, format="dpkg", system=system, contents=contents)
    raise CorruptInputError("nothing that is read here")


def _apk(name: str, pieces: Iterable[bytes], system: str | None) -> IndexFile:
    repository, described = "", None
    found: list[IndexedPackage] = []
    for one in apk.read(iter(pieces)):
        if isinstance(one, tuple):
            repository, described = one[0] or "", f"alpine {one[1]}"
        else:
            found.append(one)
            _check(len(found))
    packages = tuple(found)
    return IndexFile(
        name=name,
        format="apk",
        system=system or _told(packages) or described,
        repository=repository,
        packages=packages,
    )


def _told(packages: Iterable[IndexedPackage]) -> str | None:
    names = release_names()
    return release_of({one.name: one.version for one in packages if one.name in names})


def _bounded(packages: Iterator[IndexedPackage]) -> tuple[IndexedPackage, ...]:
    found = tuple(islice(packages, MAX_PACKAGES + 1))
    _check(len(found))
    return found


def _contents(pieces: Iterable[bytes]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    shared: dict[str, str] = {}
    for count, (what, package) in enumerate(deb.read_contents(pieces)):
        if count > _MAX_CONTENTS:
            raise OverLimitError(f"it lists more than {_MAX_CONTENTS} libraries and programs")
        found.setdefault(what, []).append(shared.setdefault(package, package))
    return found


def _check(count: int) -> None:
    if count > MAX_PACKAGES:
        raise OverLimitError(f"it lists more than {MAX_PACKAGES} packages")
