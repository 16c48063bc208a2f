"""A zip archive's central directory, and small files in it, from the archive's head and tail.

Source: PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.3 (zip64). Sizes and offsets are claims: what is
read is bounded by what is given.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.packages.given_bytes import given

if TYPE_CHECKING:
    from lightship.layers.captures import Content

_END, _END_64, _LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_ENTRY, _LOCAL = b"PK\x01\x02", b"PK\x03\x04"
_END_BYTES, _LOCATOR_BYTES, _END_64_BYTES, _ENTRY_BYTES, _LOCAL_BYTES = 22, 20, 56, 46, 30
_MAX_COMMENT_BYTES = 0xFFFF
_MAX_ENTRIES = 500_000
_IN_64 = 0xFFFFFFFF
_LENGTHS = struct.Struct("<HHH")
_STORED, _DEFLATED = 0, 8


class ZipDirectory(Struct, frozen=True):
    """Where a zip archive's files are.

    Attributes:
        entries: offset of each file's record in the directory, by name; of a name that stands
            twice the last.
        shift: how far the archive's own offsets are off, as of one behind a shell script.
    """

    content: Content
    start: int
    directory: bytes
    entries: dict[bytes, int]
    shift: int

    def read(self, name: bytes, max_bytes: int) -> bytes | None:
        """The beginning of a file; None where there is none, or it is not in what is given."""
        at = self.entries.get(name)
        if at is None:
            return None
        (method,) = struct.unpack_from("<H", self.directory, at + 10)
        stored_bytes, _ = struct.unpack_from("<II", self.directory, at + 20)
        (offset,) = struct.unpack_from("<I", self.directory, at + 42)
        if _IN_64 in (stored_bytes, offset):
            return None  # a file of 4 GiB, or behind them, is none that is read
        local = given(self.content, offset + self.shift, _LOCAL_BYTES)
        if not local.startswith(_LOCAL) or len(local) < _LOCAL_BYTES:
            return None
        name_bytes, extra_bytes = struct.unpack_from("<HH", local, 26)
        data_at = offset + self.shift + _LOCAL_BYTES + name_bytes + extra_bytes
        data = given(self.content, data_at, min(stored_bytes, 4 * max_bytes))
        if method == _STORED:
            return data[:max_bytes]
        return _inflated(data, max_bytes) if method == _DEFLATED else None


def read_directory(content: Content) -> ZipDirectory:
    """The central directory; without entries where it is too long for what is given.

    Raises:
        ValueError: it is no zip archive, or its directory is not where it says.
    """
    last = _END_BYTES + _MAX_COMMENT_BYTES
    end = bytes(content.head[-last:]) if content.is_whole else content.tail[-last:]
    first = content.content_bytes - len(end)
    at = _end(end)
    directory_bytes, offset = struct.unpack_from("<II", end, at + 12)
    position = first + at
    larger = _end_64(content, position)
    if larger is not None:
        position, directory_bytes, offset = larger
    start = position - directory_bytes
    if start < 0:
        raise ValueError("no zip archive: its directory is longer than what is before its end")
    directory = given(content, start, directory_bytes)
    if len(directory) < directory_bytes:
        return ZipDirectory(content, start, b"", {}, 0)
    if directory and not directory.startswith(_ENTRY):
        raise ValueError("no zip archive: its directory is not where it says")
    return ZipDirectory(content, start, directory, _entries(directory), start - offset)


def _end(data: bytes) -> int:
    """Where the end record is: the last one whose comment fills the rest, else the last of all."""
    last = at = data.rfind(_END, 0, max(0, len(data) - _END_BYTES + len(_END)))
    while at >= 0:
        (comment_bytes,) = struct.unpack_from("<H", data, at + 20)
        if at + _END_BYTES + comment_bytes == len(data):
            return at
        at = data.rfind(_END, 0, at + len(_END) - 1)
    if last < 0:
        raise ValueError("no zip archive: it has no end record")
    return last


def _end_64(content: Content, end_at: int) -> tuple[int, int, int] | None:
    """Position of zip64's end record, the directory's length and offset; None without one.

    It is taken to be of the usual length, directly before its locator.
    """
    locator = given(content, end_at - _LOCATOR_BYTES, _LOCATOR_BYTES)
    at = end_at - _LOCATOR_BYTES - _END_64_BYTES
    record = given(content, at, _END_64_BYTES)
    if not locator.startswith(_LOCATOR_64) or not record.startswith(_END_64):
        return None
    directory_bytes, offset = struct.unpack_from("<QQ", record, 40)
    return at, directory_bytes, offset


def _entries(directory: bytes) -> dict[bytes, int]:
    entries: dict[bytes, int] = {}
    at = 0
    lengths = _LENGTHS.unpack_from
    for _ in range(_MAX_ENTRIES):
        if directory[at : at + 4] != _ENTRY or at + _ENTRY_BYTES > len(directory):
            break
        name_bytes, extra_bytes, comment_bytes = lengths(directory, at + 28)
        name_at = at + _ENTRY_BYTES
        entries[directory[name_at : name_at + name_bytes]] = at
        at = name_at + name_bytes + extra_bytes + comment_bytes
    return entries


def _inflated(data: bytes, max_bytes: int) -> bytes | None:
    try:
        return zlib.decompressobj(-15).decompress(data, max_bytes)
    except zlib.error:
        return None
