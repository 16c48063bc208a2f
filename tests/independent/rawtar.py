"""Tar records byte by byte, for what no tar library would write.

Format: POSIX.1-1988 (ustar) and POSIX.1-2001 (pax), "ustar Interchange Format".
"""

from __future__ import annotations

BLOCK = 512
END = bytes(2 * BLOCK)
USTAR = b"ustar\x0000"
GNU = b"ustar  \x00"
V7 = bytes(8)


def octal(value: int, width: int) -> bytes:
    """As tar writes a number: octal digits and a NUL."""
    return b"%0*o\0" % (width - 1, value)


def base256(value: int, width: int) -> bytes:
    """As GNU tar writes a number that octal cannot hold, or a negative one."""
    if value < 0:
        return (value % (1 << (8 * width))).to_bytes(width, "big")
    return b"\x80" + value.to_bytes(width - 1, "big")


def header(
    name: bytes,
    kind: bytes = b"0",
    size: int | bytes = 0,
    *,
    mode: int | bytes = 0o644,
    uid: int | bytes = 0,
    gid: int | bytes = 0,
    mtime: int | bytes = 0,
    target: bytes = b"",
    magic: bytes = USTAR,
    tail: bytes = b"",
) -> bytes:
    """One header block with the right checksum; bytes for a number are its field as is."""

    def field(value: int | bytes, width: int) -> bytes:
        return (octal(value, width) if isinstance(value, int) else value).ljust(width, b"\0")

    before = b"".join(
        (
            name.ljust(100, b"\0"),
            *(field(value, 8) for value in (mode, uid, gid)),
            *(field(value, 12) for value in (size, mtime)),
        )
    )
    after = kind + target.ljust(100, b"\0") + magic + tail.ljust(247, b"\0")
    return sealed(before + b" " * 8 + after)


def sealed(block: bytes) -> bytes:
    """The block with its checksum field set right."""
    blank = block[:148] + b" " * 8 + block[156:]
    return blank[:148] + b"%06o\0 " % sum(blank) + blank[156:]


def padded(content: bytes) -> bytes:
    """Content up to the next full block."""
    return content + bytes(-len(content) % BLOCK)


def regular(name: bytes, content: bytes = b"", **fields: int | bytes) -> bytes:
    """A regular file's record."""
    return header(name, b"0", len(content), **fields) + padded(content)  # type: ignore[arg-type]


def pax(records: dict[bytes, bytes] | list[tuple[bytes, bytes]], kind: bytes = b"x") -> bytes:
    """A PAX header; `kind` g is a global one."""
    pairs = records.items() if isinstance(records, dict) else records
    body = b"".join(pax_record(key, value) for key, value in pairs)
    return header(b"PaxHeaders.0/x", kind, len(body)) + padded(body)


def pax_record(key: bytes, value: bytes) -> bytes:
    """`LENGTH KEY=VALUE\\n`; the length counts its own digits."""
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    if len(str(length)) > len(str(rest)):
        length += 1
    return b"%d %s=%s\n" % (length, key, value)


def gnu_long(name: bytes, kind: bytes = b"L") -> bytes:
    """A GNU long name (L) or long link target (K)."""
    body = name + b"\0"
    return header(b"././@LongLink", kind, len(body), magic=GNU) + padded(body)
