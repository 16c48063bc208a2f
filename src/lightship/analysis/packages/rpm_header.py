"""Headers of rpm: what its database keeps of each package.

Source: "RPM Package Format V4" (rpm.org, doc/manual/format_header.md): a count of index entries and
the length of the data, both big-endian; entries of tag, type, offset and count; then the data.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME, _VERSION, _RELEASE, _GROUP = 1000, 1001, 1002, 1016
_EPOCH, _SOURCE_RPM = 1003, 1044
_PROVIDES, _REQUIRES, _RECOMMENDS = 1047, 1049, 5046
_DIRECTORY_NUMBERS, _BASENAMES, _DIRECTORIES, _OLD_NAMES = 1116, 1117, 1118, 1027
_INT32, _STRING, _STRINGS, _TRANSLATED = 4, 6, 8, 9
_MAX_ENTRIES = 65_536
_MAX_PATH_BYTES = 4096  # PATH_MAX of Linux
_MAX_ALL_PATHS_BYTES = 32 * 1024 * 1024
_ENTRY = struct.Struct(">IIiI")


class RpmPackage(Struct, frozen=True, array_like=True):
    """One package; `paths` relative to the root, joined by line breaks."""

    name: str
    version: str
    group: str
    provides: list[str]
    requires: list[str]
    recommends: list[str]
    paths: bytes
    epoch: str
    source_name: str


def read_header(blob: bytes) -> RpmPackage:
    """Read one header.

    Raises:
        ValueError: it is cut short, or points outside itself.
    """
    header = _Header(blob)
    version, release = header.text(_VERSION), header.text(_RELEASE)
    return RpmPackage(
        name=header.text(_NAME),
        version=f"{version}-{release}" if release else version,
        group=header.text(_GROUP),
        provides=header.texts(_PROVIDES),
        requires=header.texts(_REQUIRES),
        recommends=header.texts(_RECOMMENDS),
        paths=_joined(header.paths()),
        epoch=header.number(_EPOCH),
        source_name=_source_name(header.text(_SOURCE_RPM)),
    )


def _joined(paths: Iterator[bytes]) -> bytes:
    """Paths on lines. One directory serves many names: a small header can tell of endless paths."""
    kept: list[bytes] = []
    total = 0
    for path in paths:
        total += len(path) + 1
        if total > _MAX_ALL_PATHS_BYTES:
            raise ValueError("a header with too many paths")
        kept.append(path)
    return b"\n".join(kept)


def _source_name(file: str) -> str:
    """The name in `NAME-VERSION-RELEASE.src.rpm`; none where it is no such name."""
    parts = file.rsplit("-", 2)
    return parts[0] if len(parts) == 3 and file.endswith(".rpm") else ""


class _Header:
    def __init__(self, blob: bytes) -> None:
        if len(blob) < 8:
            raise ValueError("a header cut short")
        count, length = struct.unpack_from(">II", blob)
        start = 8 + count * _ENTRY.size
        if count > _MAX_ENTRIES or start + length > len(blob):
            raise ValueError("a header cut short")
        self._data = blob[start : start + length]
        self._entries = {
            tag: (kind, offset, items)
            for tag, kind, offset, items in _ENTRY.iter_unpack(blob[8:start])
        }

    def _strings(self, tag: int) -> list[bytes]:
        kind, offset, count = self._entries.get(tag, (_STRINGS, 0, 0))
        if kind not in (_STRING, _STRINGS, _TRANSLATED) or not count:
            return []
        if not 0 <= offset < len(self._data) or count > len(self._data) - offset:
            raise ValueError("a header that points outside itself")
        found = self._data[offset:].split(b"\0", count)
        if len(found) <= count:
            raise ValueError("a header cut short")
        return found[:count]

    def texts(self, tag: int) -> list[str]:
        """All strings of a tag."""
        return [text.decode("utf-8", "replace") for text in self._strings(tag)]

    def text(self, tag: int) -> str:
        """The first string of a tag, or none."""
        return next(iter(self.texts(tag)), "")

    def number(self, tag: int) -> str:
        """The first number of a tag in digits; empty where there is none."""
        kind, offset, count = self._entries.get(tag, (_INT32, 0, 0))
        if kind != _INT32 or not count:
            return ""
        if not 0 <= offset <= len(self._data) - 4:
            raise ValueError("a header that points outside itself")
        return str(struct.unpack_from(">I", self._data, offset)[0])

    def paths(self) -> Iterator[bytes]:
        """Files and directories, without their leading slash."""
        kind, offset, count = self._entries.get(_DIRECTORY_NUMBERS, (_INT32, 0, 0))
        if kind != _INT32 or offset < 0 or offset + 4 * count > len(self._data):
            raise ValueError("a header that points outside itself")
        numbers = struct.unpack_from(f">{count}I", self._data, offset) if count else ()
        directories = [path.lstrip(b"/") for path in self._strings(_DIRECTORIES)]
        for number, name in zip(numbers, self._strings(_BASENAMES), strict=False):
            if number >= len(directories) or b"\n" in name:
                continue
            if len(directories[number]) + len(name) <= _MAX_PATH_BYTES:
                yield directories[number] + name
        yield from (path.lstrip(b"/") for path in self._strings(_OLD_NAMES))
