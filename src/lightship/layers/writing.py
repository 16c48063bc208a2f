"""Tar headers from fields: ustar where that loses nothing, else PAX records before it.

Format: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Interchange Format"; extended
attributes as `SCHILY.xattr.*` (star(5)), which BuildKit, containerd and GNU tar read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from lightship.layers.headers import BLOCK

if TYPE_CHECKING:
    from collections.abc import Mapping

REGULAR = b"0"
HARD_LINK = b"1"
SYMLINK = b"2"
CHARACTER_DEVICE = b"3"
BLOCK_DEVICE = b"4"
DIRECTORY = b"5"
FIFO = b"6"

END = bytes(2 * BLOCK)
"""What ends a tar."""

_PAX = b"x"
_MAX_NAME = 100
_MAX_PREFIX = 155
_MAX_ID = 0o7777777
_MAX_NUMBER = 0o77777777777
_SECOND = 1_000_000_000


class TarRecord(Struct, frozen=True):
    """The header of one entry.

    Attributes:
        name: relative, without a final slash: a directory gets one.
        kind: one of the type flags above.
        content_bytes: size of the content that follows; 0 for whatever is no regular file.
        mtime_ns: since 1970 in nanoseconds; whole seconds need no PAX record.
        target: of a symbolic or hard link.
        device: major and minor number of a device.
        xattrs: names and values.
    """

    name: bytes
    kind: bytes = REGULAR
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    content_bytes: int = 0
    mtime_ns: int = 0
    target: bytes = b""
    device: tuple[int, int] = (0, 0)
    xattrs: Mapping[bytes, bytes] = field(default_factory=dict)


def header(record: TarRecord) -> bytes:
    """The blocks before the content: the ustar header, with a PAX header before it if need be.

    Raises:
        ValueError: a name is empty or holds a NUL, or a field has no form in any format.
    """
    name = record.name + b"/" if record.kind == DIRECTORY else record.name
    _check(record)
    pax = _records(record, name)
    block = _block(record, name, record.kind, record.content_bytes, record.target)
    if not pax:
        return block
    body = b"".join(map(_pax_record, *zip(*pax.items(), strict=True)))
    if any(key in pax and not _is_utf8(pax[key]) for key in (b"path", b"linkpath")):
        body = _pax_record(b"hdrcharset", b"BINARY") + body
    base = b"PaxHeaders.0/" + _ascii(record.name.rpartition(b"/")[2])
    before = _block(TarRecord(base, mode=0o644), base, _PAX, len(body), b"")
    return before + body + padding(len(body)) + block


def padding(content_bytes: int) -> bytes:
    """The NULs that fill the last block of a content."""
    return bytes(-content_bytes % BLOCK)


def _check(record: TarRecord) -> None:
    if not record.name or b"\0" in record.name + record.target:
        raise ValueError("a name that is empty or holds a NUL")
    if record.content_bytes and record.kind != REGULAR:
        raise ValueError("only a regular file has content")
    if min(record.uid, record.gid, record.content_bytes, *record.device, record.mode) < 0:
        raise ValueError("a negative number")
    if max(*record.device, record.mode) > _MAX_ID:
        raise ValueError("a device number or mode that no tar can hold")
    if any(not key or b"=" in key or b"\0" in key for key in record.xattrs):
        raise ValueError("the name of an extended attribute that no PAX record can hold")


def _records(record: TarRecord, name: bytes) -> dict[bytes, bytes]:
    """The PAX records for what the ustar header cannot hold, in a fixed order."""
    pax: dict[bytes, bytes] = {}
    if not name.isascii() or _split(name) is None:
        pax[b"path"] = name
    if not record.target.isascii() or len(record.target) > _MAX_NAME:
        pax[b"linkpath"] = record.target
    if record.content_bytes > _MAX_NUMBER:
        pax[b"size"] = b"%d" % record.content_bytes
    for key, owner in ((b"uid", record.uid), (b"gid", record.gid)):
        if owner > _MAX_ID:
            pax[key] = b"%d" % owner
    if record.mtime_ns % _SECOND or not 0 <= record.mtime_ns // _SECOND <= _MAX_NUMBER:
        pax[b"mtime"] = _time(record.mtime_ns)
    for key, value in sorted(record.xattrs.items()):
        pax[b"SCHILY.xattr." + key] = value
    return pax


def _block(record: TarRecord, name: bytes, kind: bytes, size: int, target: bytes) -> bytes:
    prefix, last = _split(name) or (b"", _ascii(name))
    if not name.isascii():
        prefix, last = b"", _ascii(name)
    seconds = record.mtime_ns // _SECOND
    before = b"".join(
        (
            last.ljust(_MAX_NAME, b"\0"),
            _octal(record.mode, 8),
            _octal(record.uid, 8),
            _octal(record.gid, 8),
            _octal(size, 12),
            _octal(seconds, 12),
        )
    )
    after = b"".join(
        (
            kind,
            _ascii(target).ljust(_MAX_NAME, b"\0"),
            b"ustar\x0000",
            bytes(64),
            _octal(record.device[0], 8),
            _octal(record.device[1], 8),
            prefix.ljust(_MAX_PREFIX, b"\0"),
            bytes(12),
        )
    )
    checksum = b"%06o\0 " % (sum(before) + sum(after) + 8 * 32)
    return before + checksum + after


def _split(name: bytes) -> tuple[bytes, bytes] | None:
    """Prefix and name of a ustar header; None if the path has no place to split."""
    if len(name) <= _MAX_NAME:
        return b"", name
    # The earliest slash that leaves a short enough name: the prefix is the longer part.
    slash = name.find(b"/", len(name) - _MAX_NAME - 1, len(name) - 1)
    return (name[:slash], name[slash + 1 :]) if 0 < slash <= _MAX_PREFIX else None


def _octal(value: int, width: int) -> bytes:
    """A field; 0 where a PAX record holds the value."""
    fits = 0 <= value < 8 ** (width - 1)
    return b"%0*o\0" % (width - 1, value if fits else 0)


def _pax_record(key: bytes, value: bytes) -> bytes:
    rest = len(key) + len(value) + 3  # the space, the equals sign, the line's end
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %s=%s\n" % (length, key, value)


def _time(time_ns: int) -> bytes:
    sign = b"-" if time_ns < 0 else b""
    seconds, fraction = divmod(abs(time_ns), _SECOND)
    tail = b".%09d" % fraction if fraction else b""
    return sign + b"%d" % seconds + tail.rstrip(b"0")


def _ascii(name: bytes) -> bytes:
    """What a reader without PAX sees: cut, and without what is not ASCII."""
    return bytes(byte for byte in name if byte < 0x80)[:_MAX_NAME]


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
