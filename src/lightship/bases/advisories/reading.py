"""Which kind of advisories a file has, told by what is in it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from lightship.bases.advisories.advisory import Source
from lightship.bases.advisories.alpine import Secdb, read_secdb
from lightship.bases.advisories.debian import DebianTracker
from lightship.bases.advisories.osv import Listed, Osv
from lightship.bases.advisories.osv_zip import OsvZip
from lightship.bases.advisories.unusable import unusable
from lightship.errors import CorruptInputError

if TYPE_CHECKING:
    from io import BufferedIOBase

    from lightship.bases.advisories.advisory import Book


MAX_JSON_BYTES = 512 * 1024 * 1024
"""Debian's export, the largest that is one file, has some 70 MB."""
_ZIP = b"PK\x03\x04"
_KNOWN = "the JSON of Debian's security tracker, Alpine's secdb, or OSV's JSON or zip"
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_BROKEN = (msgspec.DecodeError, UnicodeError, RecursionError)


def read_book(place: str, stream: BufferedIOBase, date: str | None) -> Book:
    """The advisories of a file.

    Args:
        place: its path or URL, for what is said.
        stream: of its bytes, which can be sought in; it must stay open as long as the book is used.
        date: of the data, as in `Source`.

    Raises:
        CorruptInputError: it is of no kind that is read, or broken.
    """
    head = stream.read(len(_ZIP))
    if head == _ZIP:
        return Osv(Source("OSV", place, date), OsvZip(place, stream))
    file_bytes = stream.seek(0, os.SEEK_END)
    if file_bytes > MAX_JSON_BYTES:
        raise unusable(place, f"it is longer than {MAX_JSON_BYTES} bytes")
    stream.seek(0)
    data = bytearray(file_bytes)  # which `read` would hold twice while it comes
    del data[stream.readinto(data) :]
    return read_json(place, data, date)


def read_json(place: str, data: bytes | bytearray, date: str | None) -> Book:
    """The advisories of JSON.

    Raises:
        CorruptInputError: it is of no kind that is read, or broken.
    """
    first = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    try:
        if first == b"[":
            return Osv(Source("OSV", place, date), Listed(_ARRAY.decode(data)))
        top = _OBJECT.decode(data)
        if "packages" in top:
            return Secdb(Source("Alpine secdb", place, date), read_secdb(place, data))
        if "vulns" in top:
            return Osv(Source("OSV", place, date), Listed(_ARRAY.decode(top["vulns"])))
        if "id" in top and "modified" in top:
            return Osv(Source("OSV", place, date), Listed([data]))
        if "results" in top:
            raise unusable(
                place,
                "an answer of OSV's querybatch, which names no packages",
            )
        if _is_tracker(top):
            return DebianTracker(Source("Debian security tracker", place, date), data)
    except _BROKEN as problem:
        raise unusable(place, str(problem)) from None
    raise CorruptInputError(f"{place}: no advisories that are read", f"Give {_KNOWN}.")


def _is_tracker(top: dict[str, msgspec.Raw]) -> bool:
    """Whether the first package has issues that have releases."""
    for raw in top.values():
        issues = _OBJECT.decode(raw) if bytes(memoryview(raw)[:1]) == b"{" else {}
        for issue in issues.values():
            return b'"releases"' in bytes(issue)
    return False
