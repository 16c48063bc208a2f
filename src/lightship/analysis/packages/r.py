"""R packages: the folders of a library that have a DESCRIPTION with `Package:` and `Built:`.

Source: "Writing R Extensions" (cran.r-project.org): DESCRIPTION is in Debian's control format;
installing adds the field `Built`, which the sources of a package do not have.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.analysis.packages.listed_paths import parent_of
from lightship.analysis.packages.package import Found, Package
from lightship.layers.captures import CaptureRequest, Content

if TYPE_CHECKING:
    from lightship.analysis.packages.records import Records

_READER = "r"
_MAX_VALUE_CHARS = 100_000
_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9.]{0,199}\Z")
_NAME = re.compile(r"\s*([A-Za-z][A-Za-z0-9.]{0,199})")


class _Description(Struct, frozen=True, array_like=True):
    name: str
    version: str
    priority: str  # `base` or `recommended` of what comes with R
    depends: list[str]


def extract(content: Content) -> bytes:
    """MessagePack of an installed package's fields; empty where it is none."""
    fields = _fields(bytes(content.head).decode("utf-8", "replace"))
    name = fields.get("Package", "")
    if "Built" not in fields or not _PACKAGE.match(name):
        return b""
    needed = ",".join(fields.get(key, "") for key in ("Depends", "Imports", "LinkingTo"))
    matches = (_NAME.match(part) for part in needed.split(","))
    depends = dict.fromkeys(match[1] for match in matches if match)
    return msgspec.msgpack.encode(
        _Description(
            name, fields.get("Version", "")[:200], fields.get("Priority", "")[:200], list(depends)
        )
    )


def _fields(text: str) -> dict[str, str]:
    """Fields of the first paragraph; a line that begins with a blank continues the one before."""
    fields: dict[str, str] = {}
    parts: dict[str, list[str]] = {}
    key = ""
    for line in text.splitlines():
        if not line.strip():
            if parts:
                break
            continue
        if line[0] in " \t":
            parts.setdefault(key, []).append(line.strip())
            continue
        key, _, value = line.partition(":")
        parts[key] = [value.strip()]
    for key, values in parts.items():
        fields[key] = " ".join(values)[:_MAX_VALUE_CHARS]
    return fields


class _R:
    name = "r"
    requests = (
        CaptureRequest(
            name=_READER,
            version=1,
            basenames=frozenset({b"DESCRIPTION"}),
            head_bytes=256 * 1024,
            extract=extract,
        ),
    )

    def find(self, records: Records) -> Found:
        """The packages of every library, in byte order of their folders."""
        read = [
            (record, msgspec.msgpack.decode(record.extract, type=_Description))
            for record in records.of(_READER)
            if record.extract
        ]
        installed = {one.name for _, one in read}
        packages = [
            Package(
                system="r",
                name=one.name,
                version=one.version or None,
                trees=(parent_of(record.path),),
                essential=one.priority == "base",
                depends=tuple(name for name in one.depends if name in installed),
                section=one.priority,
                source=record.path,
            )
            for record, one in read
            if parent_of(record.path).rpartition(b"/")[2] == one.name.encode()
        ]
        return Found(packages=packages)


SYSTEM = _R()
