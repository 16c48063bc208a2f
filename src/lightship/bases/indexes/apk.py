"""Alpine's index of a repository: `APKINDEX.tar.gz`.

Source: apk-tools, "APKINDEX format" (wiki.alpinelinux.org/wiki/Apk_spec) and apk-package(5): gzip
members one after another, together one tar with the signature, `DESCRIPTION` (aports'
buildrepo writes "REPOSITORY TAG", such as `main v3.20.3-42-gabc`) and `APKINDEX`: a stanza a
package, one letter a field: P name, V version, S and I bytes of the archive and of its files, D
what it needs, p what it provides. A need may begin with `!`: then it is a conflict.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.bases.indexes.indexed import MAX_NAMES, IndexedPackage, number
from lightship.bases.indexes.unpacked import Pieces, lines
from lightship.errors import CorruptInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK_BYTES = 512
_MAX_DESCRIPTION_BYTES = 64 * 1024
_MAX_MEMBERS = 1000
_FIELDS = frozenset("PVSIDp")
_VERSION_OF_NAME = re.compile(r"[<>=~@].*$", re.DOTALL)
_DESCRIPTION = re.compile(r"(?:([a-z]{1,40}) )?v?(\d{1,3}\.\d{1,3})\.\d")


def is_index(head: bytes) -> bool:
    """Whether an unpacked file begins like one: a tar with one of its members first."""
    name = head[:100].rstrip(b"\0")
    is_tar = head[257:262] == b"ustar"
    return is_tar and (name.startswith(b".SIGN.") or name in (b"DESCRIPTION", b"APKINDEX"))


def read(pieces: Iterator[bytes]) -> Iterator[IndexedPackage | tuple[str | None, str]]:
    """The packages; before them, if told, the repository and the release (`("main", "3.20")`).

    Raises:
        CorruptInputError: while iterating: it is no such tar.
    """
    source = Pieces(pieces)
    found = False
    for _ in range(_MAX_MEMBERS):
        header = source.read(_BLOCK_BYTES)
        if not header.strip(b"\0"):
            if header:
                continue
            break
        name, member_bytes = _member(header)
        if name == b"DESCRIPTION":
            text = source.read(min(member_bytes, _MAX_DESCRIPTION_BYTES))
            match = _DESCRIPTION.match(text.decode("utf-8", "replace"))
            if match:
                yield match[1], match[2]
            for _ in source.parts(member_bytes - len(text)):
                pass
        elif name == b"APKINDEX":
            found = True
            yield from _packages(source.parts(member_bytes))
        else:
            for _ in source.parts(member_bytes):
                pass
        source.read(-member_bytes % _BLOCK_BYTES)
    if not found:
        raise CorruptInputError("it holds no APKINDEX")


def _member(header: bytes) -> tuple[bytes, int]:
    digits = header[124:136].strip(b" \0")
    try:
        member_bytes = int(digits, 8) if digits else 0
    except ValueError:
        raise CorruptInputError("a tar header without a size") from None
    if len(header) < _BLOCK_BYTES or member_bytes < 0:
        raise CorruptInputError("its tar is cut short")
    return header[:100].rstrip(b"\0"), member_bytes


def _packages(pieces: Iterator[bytes]) -> Iterator[IndexedPackage]:
    fields: dict[str, str] = {}
    for raw in lines(pieces):
        if raw[1:2] == b":":
            key = chr(raw[0])
            if key in _FIELDS:
                fields[key] = raw[2:].decode("utf-8", "replace")
        elif not raw:
            if fields.get("P"):
                yield _package(fields)
            fields = {}
    if fields.get("P"):
        yield _package(fields)


def _package(fields: dict[str, str]) -> IndexedPackage:
    return IndexedPackage(
        fields["P"],
        fields.get("V", ""),
        number(fields.get("S", "")),
        number(fields.get("I", "")),
        _names(fields.get("D", "")),
        _names(fields.get("p", "")),
    )


def _names(text: str) -> str:
    words = text.split()[:MAX_NAMES]
    return " ".join(_VERSION_OF_NAME.sub("", word) for word in words if word[0] != "!")
