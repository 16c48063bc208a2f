"""What Python's metadata files say: extracts of RECORD, METADATA and PKG-INFO.

Source: the recording of installed projects and the core metadata specification, both in the Python
Packaging User Guide (packaging.python.org/specifications).
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from lightship.layers.captures import Content

MAX_NAME_CHARS = 200
_MAX_REQUIREMENTS = 2000
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]{0,198}[A-Za-z0-9])?)")
_EXTRA = re.compile(r"\bextra\s*==")
_SEPARATORS = re.compile(r"[-_.]+")


class Metadata(msgspec.Struct, frozen=True, array_like=True):
    """The headers that count.

    Attributes:
        requires: normalised names of what it needs without any extra.
    """

    name: str
    version: str | None
    requires: tuple[str, ...]


def normalised(name: str) -> str:
    """A name as it is compared (PEP 503)."""
    return _SEPARATORS.sub("-", name).lower()


def extract_record(content: Content) -> bytes:
    """The paths of a RECORD, NULs between them; hashes and sizes are left out.

    Raises:
        ValueError: it is not whole, or no CSV.
    """
    if not content.is_whole:
        raise ValueError(f"{content.content_bytes} bytes are more than is read")
    data = bytes(content.head)
    if b"\0" in data:
        raise ValueError("it holds NULs")
    if b'"' not in data:
        lines = data.splitlines()
        return b"\0".join([line.rsplit(b",", 2)[0] for line in lines if line])
    try:
        rows = csv.reader(data.decode("utf-8", "surrogateescape").splitlines(keepends=True))
        paths = [row[0] for row in rows if row]
    except csv.Error as problem:
        raise ValueError(f"no CSV ({problem})") from problem
    return "\0".join(paths).encode("utf-8", "surrogateescape")


def extract_metadata(content: Content) -> bytes:
    """Name, version and requirements of METADATA or PKG-INFO, as MessagePack of `Metadata`.

    Only the headers are read, and of them what the reader was given.

    Raises:
        ValueError: it has no name.
    """
    name, version = "", None
    requires: list[str] = []
    for line in _headers(bytes(content.head)):
        key, colon, value = line.partition(":")
        if not colon or key[:1] in " \t":
            continue
        key = key.lower()
        if key == "name" and not name:
            name = value.strip()
        elif key == "version" and version is None:
            version = value.strip()[:MAX_NAME_CHARS]
        elif key == "requires-dist" and len(requires) < _MAX_REQUIREMENTS:
            requires.append(value)
    if not name or len(name) > MAX_NAME_CHARS:
        raise ValueError("it gives no name")
    return msgspec.msgpack.encode(Metadata(name, version, _names(requires)))


def _headers(data: bytes) -> list[str]:
    data = data.replace(b"\r\n", b"\n").lstrip(b"\n")
    return data.partition(b"\n\n")[0].decode("utf-8", "replace").split("\n")


def _names(requirements: list[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for requirement in requirements:
        what, _, marker = requirement.partition(";")
        match = _REQUIREMENT.match(what)
        if match and not _EXTRA.search(marker):
            found[normalised(match[1])] = None
    return tuple(found)
