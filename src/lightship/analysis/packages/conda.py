"""conda packages: the records in `conda-meta`, each with the files of its package.

Source: conda's documentation, "Conda package specification" and "Directory structure"
(docs.conda.io). The prefix is the folder above `conda-meta`; the cache `pkgs` has no such records.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.analysis.packages.foreign_json import decoded, text
from lightship.analysis.packages.listed_paths import is_within, joined, parent_of
from lightship.analysis.packages.package import Found, Package
from lightship.analysis.packages.unread import shortened, unread
from lightship.layers.captures import CaptureRequest, Content
from lightship.printable import decode_path

if TYPE_CHECKING:
    from lightship.analysis.packages.records import Record, Records

_READER = "conda"
_MAX_NAME_CHARS = 200
_MAX_BYTES = 32 * 1024 * 1024
_MAX_LINES, _MAX_LINE_BYTES = 10_000, 10_000
_HISTORY = b"history"
_SPECS = re.compile(rb"# (?:update |install |)specs: (.*)")
_NAME = re.compile(r"(?:[^\s'\"]*::)?([A-Za-z0-9_][A-Za-z0-9_.-]*)")


class _Record(Struct, frozen=True, array_like=True):
    name: str
    version: str
    build: str
    depends: list[str]
    files: bytes  # NULs between them


class _Written(Struct):
    name: object = None
    version: object = None
    build: object = None
    depends: object = None
    files: object = None


def extract(content: Content) -> bytes:
    """MessagePack of a package's record; of `history` the names that were asked for; else empty.

    Raises:
        ValueError: it is not whole, or no record in JSON.
    """
    start = bytes(content.head[:64]).lstrip()
    if start.startswith(b"==>"):
        return msgspec.msgpack.encode(_asked(bytes(content.head)))
    if not start.startswith((b"{", b"\xef\xbb\xbf")):
        return b""
    written = decoded(content, _Written)
    name = text(written.name, _MAX_NAME_CHARS)
    if not name:
        raise ValueError("it gives no name")
    return msgspec.msgpack.encode(
        _Record(
            name,
            text(written.version, _MAX_NAME_CHARS),
            text(written.build, _MAX_NAME_CHARS),
            _names(_strings(written.depends)),
            "\0".join(one for one in _strings(written.files) if "\0" not in one).encode(
                "utf-8", "replace"
            ),
        )
    )


def _strings(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _names(specs: list[str]) -> list[str]:
    matches = (_NAME.match(spec[:_MAX_NAME_CHARS]) for spec in specs)
    return list(dict.fromkeys(match[1] for match in matches if match))


def _asked(history: bytes) -> list[str]:
    """Names in the history's `specs` lines: a Python list, or words with commas between them."""
    found: list[str] = []
    for line in _SPECS.findall(history)[:_MAX_LINES]:
        words = line[:_MAX_LINE_BYTES].decode("utf-8", "replace").strip("[] \r").split(",")
        found += [word.strip().strip("'\"") for word in words]
    return _names(found)


class _Conda:
    name = "conda"
    requests = (
        CaptureRequest(
            name=_READER,
            version=1,
            parents=frozenset({b"conda-meta"}),
            head_bytes=_MAX_BYTES,
            extract=extract,
        ),
    )

    def find(self, records: Records) -> Found:
        """The packages of every prefix, in byte order of their records."""
        all_records = records.of(_READER)
        read = [
            (record, msgspec.msgpack.decode(record.extract, type=_Record))
            for record in all_records
            if record.path.endswith(b".json") and record.extract
        ]
        asked = _histories(all_records)
        installed: dict[bytes, set[str]] = {}
        for record, one in read:
            installed.setdefault(_prefix(record), set()).add(one.name)
        problems: list[str] = []
        packages = [
            _package(record, one, asked.get(_prefix(record)), installed[_prefix(record)], problems)
            for record, one in read
        ]
        wanted = (one for one in all_records if one.path.endswith((b".json", b"/" + _HISTORY)))
        return Found(
            packages=packages, notes=unread("conda", wanted) + shortened("conda", problems)
        )


def _prefix(record: Record) -> bytes:
    return parent_of(parent_of(record.path))


def _histories(all_records: list[Record]) -> dict[bytes, set[str]]:
    """What was asked for by name in each prefix that has a history."""
    return {
        _prefix(record): set(msgspec.msgpack.decode(record.extract, type=list[str]))
        for record in all_records
        if record.path.endswith(b"/" + _HISTORY) and record.extract
    }


def _package(
    record: Record, one: _Record, asked: set[str] | None, installed: set[str], problems: list[str]
) -> Package:
    prefix = _prefix(record)
    paths = [record.path]
    outside = 0
    for listed in one.files.split(b"\0") if one.files else ():
        path = None if listed.startswith(b"/") else joined(prefix, listed)
        if path is None or not is_within(path, prefix):
            outside += 1
        else:
            paths.append(path)
    if outside:
        where = decode_path(prefix) or "/"
        problems.append(f"{decode_path(record.path)}: {outside} of its paths are not below {where}")
    return Package(
        system="conda",
        name=one.name,
        version=one.version or None,
        paths=paths,
        requested=one.name in asked if asked is not None else None,
        depends=tuple(name for name in one.depends if name in installed),
        source=record.path,
    )


SYSTEM = _Conda()
