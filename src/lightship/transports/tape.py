"""The outer tar of an archive, header by header, from a file or a pipe.

Read as Go reads it (archive/tar, which Docker, BuildKit and containerd use): global PAX headers
apply to nothing, links have no data, two zero blocks end the tar. What Go refuses is refused.
Formats: POSIX.1-2017 pax, "pax Interchange Format"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from lightship.errors import CorruptInputError
from lightship.layers.headers import (
    BLOCK,
    ZEROS,
    Header,
    checksum_matches,
    decimal,
    parse_header,
    parse_pax,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_MEMBERS = 1_000_000
MAX_EXTENSION_BYTES = 1 << 20
"""Of one PAX header or GNU long name; Go has the same limit."""
MAX_NAMES_BYTES = 256 << 20
"""Of all names together: what an archive's index may take of the memory."""

_WITHOUT_DATA = frozenset(b"123456")


class MemberKind(Enum):
    """What a member of an outer tar is."""

    FILE = auto()
    SYMLINK = auto()
    HARD_LINK = auto()
    OTHER = auto()


class Member(Struct, frozen=True):
    """One member: its data are `length` bytes from `offset`, 0 where it is no file."""

    name: str
    kind: MemberKind
    offset: int
    length: int
    target: str = ""


class Tape(Protocol):
    """Bytes that are read forwards."""

    @property
    def position(self) -> int:
        """How many bytes were read or skipped."""

    def read(self, count: int) -> bytes:
        """The next `count` bytes; fewer only at the end."""

    def skip(self, count: int) -> int:
        """Pass over `count` bytes; tells how many there were."""


class TarError(CorruptInputError):
    """The outer tar breaks its format."""


def is_tar_header(block: bytes) -> bool:
    """Whether 512 bytes are a tar header: their checksum is right."""
    return len(block) == BLOCK and block != ZEROS and checksum_matches(block)


def members(tape: Tape, where: str) -> Iterator[Member]:
    """The members of a tar in order.

    The consumer may read from the tape, at most to the end of the member it was given last.

    Raises:
        TarError: cut off, no tar, a header that Go refuses, or more than the limits allow.
    """
    return _Reader(tape, where).members()


class _Reader:
    def __init__(self, tape: Tape, where: str) -> None:
        self._tape = tape
        self._where = where
        self._count = 0
        self._name_bytes = 0

    def members(self) -> Iterator[Member]:
        while (block := self._header()) is not None:
            extensions: dict[bytes, bytes] = {}
            long_names: dict[int, bytes] = {}
            while (flag := block[156]) in b"xgLK":
                data = self._extension(block)
                if flag == ord("x"):
                    extensions = self._records(data)
                elif flag in b"LK":
                    long_names[flag] = text(data, 0, len(data))
                following = self._header()
                if following is None:
                    if flag == ord("g"):
                        return
                    raise self._error("a header for a member that does not follow")
                block = following
            yield from self._member(block, extensions, long_names)

    def _member(
        self, block: bytes, extensions: dict[bytes, bytes], long_names: dict[int, bytes]
    ) -> Iterator[Member]:
        header = self._parsed(block)
        flag = header.type_flag
        if flag == ord("S") or any(key.startswith(b"GNU.sparse") for key in extensions):
            raise self._error("a sparse member, which no engine writes into an archive")
        name = long_names.get(ord("L")) or extensions.get(b"path") or header.name
        target = long_names.get(ord("K")) or extensions.get(b"linkpath") or text(block, 157, 257)
        self._bound(name, target)
        size = 0 if flag in _WITHOUT_DATA else self._size(header, extensions)
        start = self._tape.position
        yield Member(_decode(name), _kind(flag, name), start, size, _decode(target))
        self._pass(start + size, f"the member {_decode(name[:200])!r}")
        self._pass_padding(size)

    def _header(self) -> bytes | None:
        block = self._block()
        if block is None:
            return None
        if block == ZEROS:
            second = self._block()
            if second is None or second == ZEROS:
                return None
            raise self._error("a zero block inside the tar")
        if not is_tar_header(block):
            if not self._count:
                raise TarError(
                    f"{self._where} is no image archive: it has no tar header",
                    "An image archive is what docker save, podman save and skopeo copy write.",
                )
            raise self._error("no tar header")
        self._count += 1
        if self._count > MAX_MEMBERS:
            raise self._error(f"more than the limit of {MAX_MEMBERS} members")
        return block

    def _block(self) -> bytes | None:
        block = self._tape.read(BLOCK)
        if block and len(block) < BLOCK:
            raise self._cut_off("a header")
        return block or None

    def _parsed(self, block: bytes) -> Header:
        try:
            return parse_header(block)
        except ValueError as error:
            raise self._error(f"a header that is not well-formed ({error})") from None

    def _extension(self, block: bytes) -> bytes:
        size = self._size(self._parsed(block), {})
        if size > MAX_EXTENSION_BYTES:
            raise self._error(f"an extended header of {size} bytes (limit {MAX_EXTENSION_BYTES})")
        data = self._tape.read(size)
        if len(data) < size:
            raise self._cut_off("an extended header")
        self._pass_padding(size)
        return data

    def _records(self, data: bytes) -> dict[bytes, bytes]:
        try:
            return parse_pax(data)
        except ValueError as error:
            raise self._error(f"a header that is not well-formed ({error})") from None

    def _pass(self, end: int, what: str) -> None:
        left = end - self._tape.position
        if left and self._tape.skip(left) != left:
            raise self._cut_off(what)

    def _pass_padding(self, size: int) -> None:
        # Go takes a tar that ends right after the last member's data.
        self._tape.skip(-size % BLOCK)

    def _size(self, header: Header, extensions: dict[bytes, bytes]) -> int:
        claimed = extensions.get(b"size")
        try:
            size = decimal(claimed) if claimed else header.size_bytes
        except ValueError:
            raise self._error("a size that is no number") from None
        if size < 0:
            raise self._error(f"the size {size}")
        return size

    def _bound(self, name: bytes, target: bytes) -> None:
        self._name_bytes += len(name) + len(target)
        if self._name_bytes > MAX_NAMES_BYTES:
            raise self._error(f"names of more than {MAX_NAMES_BYTES} bytes")

    def _error(self, what: str) -> TarError:
        return TarError(f"{self._where} has {what} before byte {self._tape.position}")

    def _cut_off(self, what: str) -> TarError:
        return TarError(
            f"{self._where}: the archive ends after {self._tape.position} bytes, inside {what}",
            "It is cut off: save or copy the image again.",
        )


def _kind(flag: int, name: bytes) -> MemberKind:
    if flag in b"\x0007" and not (flag == 0 and name.endswith(b"/")):
        return MemberKind.FILE
    return {ord("1"): MemberKind.HARD_LINK, ord("2"): MemberKind.SYMLINK}.get(
        flag, MemberKind.OTHER
    )


def _decode(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
