"""The blobs of an archive file, read in place: nothing is unpacked."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from lightship.errors import CorruptInputError
from lightship.transports.tape import MemberKind, members

if TYPE_CHECKING:
    from lightship.model.image import FileIdentity
    from lightship.transports.spans import LocalFile
    from lightship.transports.tape import Member

_MAX_LINKS = 40


class Stretch(Struct, frozen=True):
    """A member of an archive file, as a blob."""

    file: LocalFile
    offset: int
    stored_bytes: int

    @property
    def scan(self) -> None:
        return None

    def identity(self) -> FileIdentity:
        return self.file.identity(self.offset, self.stored_bytes)

    def open(self) -> BinaryIO:
        return self.file.span(self.offset, self.stored_bytes)


class ArchiveFile:
    """The members of an archive file by name (`transports.store.Store`).

    Raises:
        CorruptInputError: the tar breaks its format, is cut off, or names leave it.
    """

    def __init__(self, file: LocalFile) -> None:
        self.where = file.name
        self._file = file
        self._links = Links(self.where)
        self._stretches: dict[str, list[Stretch]] = {}
        self.archive_bytes = file.file_bytes
        tape = _FileTape(file)
        for member in members(tape, self.where):
            name = inside(member.name, self.where)
            if member.kind is MemberKind.FILE:
                stretch = Stretch(file, member.offset, member.length)
                self._stretches.setdefault(name, []).append(stretch)
            self._links.note(name, member)

    def find(self, name: str) -> Stretch | None:
        found = self._stretches.get(self._links.follow(name), [])
        if any(not _equal(found[0], other) for other in found[1:]):
            raise two_contents(name, self.where)
        return found[-1] if found else None

    def resolved(self, name: str) -> str:
        return self._links.follow(name)

    def missing(self, name: str, role: str) -> CorruptInputError:
        return CorruptInputError(
            f"{self.where} does not hold {name} ({role}); it ends after {self.archive_bytes} bytes",
            "The archive is incomplete: save the image again.",
        )


class Links:
    """The links among an archive's members, and which names are links."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._targets: dict[str, str] = {}
        self._files: set[str] = set()

    def note(self, name: str, member: Member) -> None:
        """Remember what a member is.

        Raises:
            CorruptInputError: a name is a link and something else as well.
        """
        if member.kind is MemberKind.OTHER:
            return
        if member.kind is MemberKind.FILE:
            self._files.add(name)
        else:
            target = _target(name, member)
            if self._targets.setdefault(name, target) != target:
                raise two_contents(name, self._where)
        if name in self._files and name in self._targets:
            raise two_contents(name, self._where)

    def follow(self, name: str) -> str:
        """The name at the end of the links.

        Raises:
            CorruptInputError: the name or a link leads out of the archive, or in a circle.
        """
        current = inside(name, self._where)
        for _ in range(_MAX_LINKS):
            target = self._targets.get(current)
            if target is None:
                return current
            current = inside(target, self._where, source=current)
        raise CorruptInputError(f"{self._where}: the links from {name!r} go in a circle")


def inside(name: str, where: str, source: str = "") -> str:
    """A member's name in its one spelling, without `./`, `//` and a leading or final `/`.

    Args:
        name: as the archive spells it; for a link's target already joined to its directory.
        where: the archive, for messages.
        source: the link that points there.

    Raises:
        CorruptInputError: the name leads out of the archive.
    """
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in name or (source and name.startswith("/")):
        told = f"the link {source!r} to" if source else "a member named"
        raise CorruptInputError(
            f"{where} has {told} {name[:200]!r}, which leads out of the archive",
            "No engine writes such a name.",
        )
    return "/".join(parts)


def two_contents(name: str, where: str) -> CorruptInputError:
    """The error for a name that stands for two different contents."""
    return CorruptInputError(
        f"{where} holds {name!r} twice with different contents",
        "Two readers would see two different images.",
    )


def _target(name: str, member: Member) -> str:
    if member.kind is MemberKind.HARD_LINK or member.target.startswith("/"):
        return member.target
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), member.target))


def _equal(one: Stretch, other: Stretch) -> bool:
    if one.stored_bytes != other.stored_bytes:
        return False
    with one.open() as first, other.open() as second:
        while data := first.read(1 << 20):
            got = second.read(len(data))
            while len(got) < len(data) and (more := second.read(len(data) - len(got))):
                got += more
            if data != got:
                return False
    return True


class _FileTape:
    """A file, read forwards (`transports.tape.Tape`)."""

    def __init__(self, file: LocalFile) -> None:
        self._file = file
        self.position = 0

    def read(self, count: int) -> bytes:
        data = self._file.read_at(self.position, count)
        self.position += len(data)
        return data

    def skip(self, count: int) -> int:
        there = max(0, min(count, self._file.file_bytes - self.position))
        self.position += there
        return there
