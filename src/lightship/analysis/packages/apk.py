"""Alpine packages: apk's database of what is installed, and its world of what was asked for.

Source: apk-tools, "installed db" (wiki.alpinelinux.org/wiki/Apk_spec) and apk-world(5): a stanza a
package, one letter a field; `F:` names a directory, the `R:` after it the files in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct, field

from lightship.analysis.packages.package import Found, Package
from lightship.analysis.packages.providing import Providers
from lightship.analysis.packages.unread import unread
from lightship.layers.captures import CaptureRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.packages.records import Records

_DATABASES = (b"lib/apk/db/installed", b"usr/lib/apk/db/installed")
_WORLD = b"etc/apk/world"
_FIELD = re.compile(rb"(?m)^([PVDpo]):([^\n]*)")
_FILE = re.compile(rb"(?m)^([FR]):([^\n]*)")
_MAX_PATH_BYTES = 4096  # PATH_MAX of Linux
_CONSTRAINT = re.compile(r"[<>=~@].*$", re.DOTALL)


class _Stanza(Struct):
    text: bytes
    name: str = ""
    version: str = ""
    origin: str = ""
    depends: list[str] = field(default_factory=list)
    provides: list[str] = field(default_factory=list)


class _Apk:
    name = "apk"
    requests = (
        CaptureRequest(name="apk-installed", version=1, paths=frozenset(_DATABASES)),
        CaptureRequest(name="apk-world", version=1, paths=frozenset((_WORLD,))),
    )

    def find(self, records: Records) -> Found:
        """Every installed package."""
        notes = unread(self.name, (*records.of("apk-installed"), *records.of("apk-world")))
        packages: list[Package] = []
        world = records.at("apk-world", _WORLD)
        asked = _names((world.extract or b"").decode("utf-8", "replace")) if world else None
        for record in records.of("apk-installed"):
            installed = [one for one in _stanzas(record.extract or b"") if one.name]
            providers = Providers((one.name, one.provides) for one in installed)
            packages += [
                Package(
                    system=self.name,
                    name=one.name,
                    version=one.version or None,
                    paths=_paths(one.text),
                    requested=None if asked is None else one.name in asked,
                    depends=providers.of(one.depends),
                    source=record.path,
                    source_name=one.origin,
                )
                for one in installed
            ]
        return Found(packages=packages, notes=notes)


def _stanzas(data: bytes) -> Iterator[_Stanza]:
    for text in data.split(b"\n\n"):
        stanza = _Stanza(text=text)
        for line in _FIELD.finditer(text):
            value = line[2].decode("utf-8", "replace")
            match line[1]:
                case b"P":
                    stanza.name = value
                case b"V":
                    stanza.version = value
                case b"o":
                    stanza.origin = value
                case b"D":
                    stanza.depends += _names(value)
                case _:
                    stanza.provides += _names(value)
        yield stanza


def _paths(text: bytes) -> Iterator[bytes]:
    """A stanza's files, one at a time: one directory serves many, so all may be endless."""
    folder = b""
    for line in _FILE.finditer(text):
        if line[1] == b"F":
            folder = line[2] + b"/" if line[2] else b""
        elif len(folder) + len(line[2]) <= _MAX_PATH_BYTES:
            yield folder + line[2]


def _names(text: str) -> list[str]:
    """Names of a relation, without versions; conflicts (`!name`) are none."""
    words = (_CONSTRAINT.sub("", word) for word in text.split() if not word.startswith("!"))
    return [word for word in words if word]


SYSTEM = _Apk()
