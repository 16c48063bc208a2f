"""Tar header blocks, read as Go's archive/tar reads them, since BuildKit and containerd do.

Formats: POSIX.1-1988 (ustar) and POSIX.1-2001 (pax), "ustar Interchange Format" and "pax
Interchange Format"; GNU tar manual, "Basic Tar Format"; Go, archive/tar/reader.go.
"""

from __future__ import annotations

import re

from msgspec import Struct

from lightship.errors import CorruptInputError

BLOCK = 512
ZEROS = bytes(BLOCK)
PAX_GLOBAL = ord("g")
GNU_LONG_NAME = ord("L")
GNU_LONG_LINK = ord("K")

_OCTAL = re.compile(rb"[0-7]+")
_DECIMAL = re.compile(rb"[+-]?[0-9]{1,19}")
_PAX_TIME = re.compile(rb"([+-]?)([0-9]{1,19})(?:\.([0-9]*))?")
_TEXT_KEYS = frozenset((b"path", b"linkpath", b"uname", b"gname"))
_MAX_INT64 = 2**63 - 1


class Header(Struct, frozen=True):
    """The fields of one header block; `size_bytes` is of the content that follows."""

    name: bytes
    type_flag: int
    size_bytes: int
    mode: int
    uid: int
    gid: int
    mtime_ns: int


def text(block: bytes, start: int, end: int) -> bytes:
    """A NUL-terminated field."""
    return block[start:end].partition(b"\0")[0]


def number(field_bytes: bytes) -> int:
    """A numeric field: octal, or base-256 where the first bit is set (GNU, star).

    Raises:
        ValueError: it is neither, or exceeds 63 bits.
    """
    if field_bytes and field_bytes[0] & 0x80:
        value = int.from_bytes(field_bytes, "big") & ((1 << (len(field_bytes) * 8 - 1)) - 1)
        if field_bytes[0] & 0x40:
            value -= 1 << (len(field_bytes) * 8 - 1)
        if not -_MAX_INT64 - 1 <= value <= _MAX_INT64:
            raise ValueError("a number of more than 63 bits")
        return value
    digits = field_bytes.strip(b" \0").partition(b"\0")[0]
    if not digits:
        return 0
    if not _OCTAL.fullmatch(digits):
        raise ValueError(f"{digits[:12]!r} is not octal")
    return int(digits, 8)


def checksum_matches(block: bytes) -> bool:
    """Whether the checksum is right, unsigned as in POSIX or signed as in old tars."""
    try:
        stored = number(block[148:156])
    except ValueError:
        return False
    unsigned = sum(block) - sum(block[148:156]) + 8 * 32
    if stored == unsigned:
        return True
    negative = sum(byte >= 0x80 for byte in block[:148]) + sum(byte >= 0x80 for byte in block[156:])
    return stored == unsigned - 256 * negative


def parse_header(block: bytes) -> Header:
    """Read one header block of any format, without its extension records.

    Raises:
        ValueError: the checksum or a number is wrong.
    """
    if not checksum_matches(block):
        raise ValueError("the header's checksum is wrong")
    name = text(block, 0, 100)
    is_ustar = block[257:263] == b"ustar\0"
    is_gnu = block[257:265] == b"ustar  \0"
    if is_ustar or is_gnu:
        number(block[329:337]), number(block[337:345])
        prefix = _prefix(block, is_gnu=is_gnu)
        if prefix:
            name = prefix + b"/" + name
    return Header(
        name=name,
        type_flag=block[156],
        size_bytes=number(block[124:136]),
        mode=number(block[100:108]),
        uid=number(block[108:116]),
        gid=number(block[116:124]),
        mtime_ns=number(block[136:148]) * 1_000_000_000,
    )


def _prefix(block: bytes, *, is_gnu: bool) -> bytes:
    if is_gnu:
        # GNU keeps times there; Go up to 1.8 wrote a prefix by mistake, told by its not being one.
        try:
            for start in (345, 357):
                if block[start]:
                    number(block[start : start + 12])
        except ValueError:
            prefix = text(block, 345, 500)
            return prefix if prefix.isascii() else b""
        return b""
    if block[508:512] == b"tar\0":  # star: the prefix is shorter, times follow it
        return text(block, 345, 476)
    return text(block, 345, 500)


def parse_pax(body: bytes) -> dict[bytes, bytes]:
    """Read the records of a PAX header; the last of equal keys counts.

    The sparse records of GNU format 0.0, which repeat, are gathered into `GNU.sparse.map`.

    Raises:
        ValueError: a record is malformed.
    """
    records: dict[bytes, bytes] = {}
    sparse: list[bytes] = []
    position, end = 0, len(body)
    while position < end:
        space = body.find(b" ", position, position + 20)
        digits = body[position:space] if space > 0 else b""
        if not digits.isdigit():
            raise ValueError("a PAX record has no length")
        stop = position + int(digits)
        key, equals, value = body[space + 1 : stop - 1].partition(b"=")
        if stop > end or stop <= space + 1 or body[stop - 1] != 0x0A or not equals or not key:
            raise ValueError("a PAX record is malformed")
        if b"\0" in (value if key in _TEXT_KEYS else key):
            raise ValueError("a PAX record holds a NUL")
        if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes"):
            if (key == b"GNU.sparse.offset") != (len(sparse) % 2 == 0) or b"," in value:
                raise ValueError("the PAX records of a sparse file are out of order")
            sparse.append(value)
        else:
            records[key] = value
        position = stop
    if sparse:
        records[b"GNU.sparse.map"] = b",".join(sparse)
    return records


def decimal(value: bytes) -> int:
    """A decimal number of a PAX record.

    Raises:
        ValueError: it is none, or exceeds 63 bits.
    """
    if not _DECIMAL.fullmatch(value):
        raise ValueError(f"{value[:20]!r} is not a decimal number")
    result = int(value)
    if abs(result) > _MAX_INT64:
        raise ValueError("a number of more than 63 bits")
    return result


def pax_time_ns(value: bytes) -> int:
    """A PAX time in nanoseconds, finer digits cut off.

    Raises:
        ValueError: it is no time.
    """
    match = _PAX_TIME.fullmatch(value)
    if match is None:
        raise ValueError(f"{value[:30]!r} is no time")
    fraction = int(((match[3] or b"") + b"0" * 9)[:9])
    whole = int(match[2]) * 1_000_000_000 + fraction
    return -whole if match[1] == b"-" else whole


def clean(path: bytes, *, what: str = "name") -> bytes:
    """Clean a path lexically, relative to the image's root: no `.`, `..`, `//`, no slash at an end.

    Raises:
        CorruptInputError: the path climbs over the root; readers disagree what that means.
    """
    parts: list[bytes] = []
    for part in path.split(b"/"):
        if part == b"..":
            if parts:
                parts.pop()
            else:
                raise CorruptInputError(
                    f"the {what} {path[:200].decode('utf-8', 'replace')!r} climbs out of the image",
                    "Engines disagree what such a record means; build the layer again.",
                )
        elif part not in (b"", b"."):
            parts.append(part)
    return b"/".join(parts)
