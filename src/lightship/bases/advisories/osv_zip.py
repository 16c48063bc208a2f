"""The zip of an ecosystem's records, as OSV publishes it (google.github.io/osv.dev/data)."""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from lightship.bases.advisories.unusable import unusable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedIOBase

MAX_RECORD_BYTES = 16 * 1024 * 1024
MAX_ALL_BYTES = 8 * 1024 * 1024 * 1024
"""Of all records unpacked; every ecosystem's together have less than half of it."""
MAX_RECORDS = 1_000_000
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,  # encrypted
    ValueError,
    struct.error,
    OverflowError,
)


class OsvZip:
    """Records that stay in their archive; read again where they are asked for."""

    is_whole = True

    def __init__(self, place: str, stream: BufferedIOBase) -> None:
        """Read the directory.

        Args:
            place: the path, for what is said.
            stream: can be sought in; kept open by whoever opened it, as long as this is used.

        Raises:
            CorruptInputError: it is no zip archive, or one of too many files.
        """
        self._place = place
        try:
            self._archive = zipfile.ZipFile(stream)
        except _BROKEN as problem:
            raise unusable(place, str(problem)) from None
        self._members = [
            member for member in self._archive.infolist() if member.filename.endswith(".json")
        ]
        if not self._members or len(self._members) > MAX_RECORDS:
            raise unusable(place, f"a zip archive of {len(self._members)} JSON files")

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Every record with its number.

        Raises:
            CorruptInputError: the archive is damaged, or has more than is read.
        """
        total = 0
        for number in range(len(self._members)):
            record = self.read(number)
            total += len(record)
            if total > MAX_ALL_BYTES:
                raise unusable(self._place, f"it unpacks to more than {MAX_ALL_BYTES} bytes")
            yield number, record

    def read(self, number: int) -> bytes:
        """One record.

        Raises:
            CorruptInputError: the archive is damaged there, or it is longer than any record.
        """
        member = self._members[number]
        try:
            with self._archive.open(member) as stream:
                record = stream.read(MAX_RECORD_BYTES + 1)
        except _BROKEN as problem:
            raise unusable(self._place, f"{member.filename}: {problem}") from None
        if len(record) > MAX_RECORD_BYTES:
            raise unusable(self._place, f"{member.filename}: longer than {MAX_RECORD_BYTES} bytes")
        return record
