"""Odd tars, read as Go's archive/tar reads them: the figures are what Go 1.19 was seen to give.

The standard library's tarfile reads many of these otherwise, so the applier is not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lightship
from independent.rawtar import (
    END,
    GNU,
    USTAR,
    V7,
    base256,
    gnu_long,
    header,
    octal,
    padded,
    pax,
    pax_record,
    regular,
)

if TYPE_CHECKING:
    from facts.seen import Read

AFTER = regular(b"after", b"x") + END
X = padded(b"x")


def names(read: Read, tar: bytes) -> list[bytes]:
    return sorted(path for path in read([tar]).outcome.tree if path)


def refused(read: Read, tar: bytes) -> str:
    with pytest.raises(lightship.LightshipError) as caught:
        read([tar])
    assert caught.value.exit_code == 4
    return str(caught.value)


@pytest.mark.parametrize("kind", [b"1", b"2", b"3", b"4", b"5", b"6"])
@pytest.mark.parametrize("where", ["header", "pax"])
def test_headers_without_content_have_none_whatever_they_claim(
    ours: Read, kind: bytes, where: str
) -> None:
    extra = pax({b"size": b"512"}) if where == "pax" else b""
    size = 512 if where == "header" else 0
    tar = regular(b"t") + extra + header(b"l", kind, size, target=b"t") + AFTER
    seen = ours([tar])
    assert names(ours, tar) == [b"after", b"l", b"t"]
    seen.counts(1, 1)


@pytest.mark.parametrize(
    "record",
    [
        header(b"d/", b"\0"),
        header(b"d/", b"\0", magic=V7),
        header(b"d/", b"\0", 512),
        pax({b"path": b"d/"}) + header(b"q", b"\0"),
    ],
    ids=["ustar", "v7", "with a size", "pax path"],
)
def test_an_old_file_with_a_slash_is_a_directory(ours: Read, record: bytes) -> None:
    seen = ours([record + AFTER])
    assert seen["d"].kind == "directory"
    assert names(ours, record + AFTER) == [b"after", b"d"]


def test_a_file_with_a_slash_is_a_file(ours: Read) -> None:
    assert ours([header(b"d/", b"0") + AFTER])["d"].kind == "regular"


@pytest.mark.parametrize(
    ("field", "size"),
    [
        (b"  1 \0", 1),
        (b"\0\0001", 1),
        (b"1\0007", 1),
        (b"", 0),
        (b"1", 1),
        (b"00000000001 ", 1),
        (b"000000000001", 1),
        (base256(1, 12), 1),
    ],
)
def test_sizes_in_every_spelling(ours: Read, field: bytes, size: int) -> None:
    tar = header(b"c", b"0", field) + (X if size else b"") + AFTER
    ours([tar]).counts(size + 1, size + 1, duplicates=size)


@pytest.mark.parametrize(
    "field",
    [
        b"9",
        b"1_0",
        b"+1",
        b"0x1",
        base256(-1, 12),
        b"\x80\0\0\0\x80" + bytes(7),
        b"\xbf" + b"\xff" * 11,
        b"\xff" * 12,
    ],
    ids=["9", "1_0", "+1", "0x1", "-1", "2^63", "2^94", "all ones"],
)
def test_sizes_that_are_none(ours: Read, field: bytes) -> None:
    refused(ours, header(b"c", b"0", field) + AFTER)


def test_a_pax_size_wins(ours: Read) -> None:
    tar = pax({b"size": b"1"}) + header(b"c", b"0", 512) + X + AFTER
    ours([tar]).counts(2, 2, duplicates=1)


@pytest.mark.parametrize(
    ("records", "name"),
    [
        ([(b"path", b"first"), (b"path", b"last")], b"last"),
        ([(b"path", b"")], b"c"),
        ([(b"path", b"\xff"), (b"hdrcharset", b"BINARY")], b"\xff"),
        ([(b"path", b"a=b\nc")], b"a=b\nc"),
    ],
    ids=["the last counts", "empty is none", "binary", "equals sign and line feed"],
)
def test_pax_paths(ours: Read, records: list[tuple[bytes, bytes]], name: bytes) -> None:
    assert names(ours, pax(records) + header(b"c") + AFTER) == sorted([b"after", name])


@pytest.mark.parametrize(
    ("before", "name"),
    [
        (pax({b"path": b"pax"}) + gnu_long(b"long"), b"long"),
        (gnu_long(b"long") + pax({b"path": b"pax"}), b"long"),
        (gnu_long(b"long1") + gnu_long(b"long2"), b"long2"),
        (gnu_long(b""), b"c"),
        (pax({b"path": b"first"}) + pax({b"uid": b"5"}), b"c"),
        (pax({b"path": b"pax"}) + pax({b"a": b"b"}, b"g"), b"c"),
    ],
    ids=["pax, L", "L, pax", "L, L", "empty L", "pax, pax", "pax, g"],
)
def test_records_before_a_record(ours: Read, before: bytes, name: bytes) -> None:
    assert names(ours, before + header(b"c") + AFTER) == sorted([b"after", name])


@pytest.mark.parametrize(
    "before",
    [
        pax({b"path": b"a\0b"}),
        pax({b"linkpath": b"a\0b"}),
        pax({b"SCHILY.xattr.a\0b": b"1"}),
        pax({b"uid": b"x"}),
        pax({b"mtime": b"x"}),
        pax({b"size": b"-1"}),
        header(b"p", b"x", 9) + padded(b"0 path=a\n"),
        header(b"p", b"x", 9) + padded(b"9 path=aX"),
        header(b"p", b"x", 11) + padded(b" 11 path=a\n"),
        header(b"p", b"x", 9) + padded(b"99 path=a"),
        header(b"p", b"x", 9) + padded(b"99999999999999999999 path=a"),
        header(b"p", b"x", 7) + padded(b"7 path\n"),
        header(b"p", b"x", 5) + padded(b"5 =a\n"),
    ],
)
def test_malformed_pax_records(ours: Read, before: bytes) -> None:
    refused(ours, before + header(b"c") + AFTER)


@pytest.mark.parametrize("kind", [b"x", b"L", b"g"])
def test_a_record_for_the_next_one_at_the_end(ours: Read, kind: bytes) -> None:
    body = pax_record(b"path", b"pax") if kind != b"L" else b"long\0"
    last = header(b"p", kind, len(body), magic=GNU if kind == b"L" else USTAR) + padded(body)
    assert names(ours, regular(b"a") + last + END) == [b"a"]
    assert names(ours, regular(b"a") + last) == [b"a"]


@pytest.mark.parametrize(
    "tail",
    [
        bytes(512) + AFTER,
        bytes(512) + bytes(100),
        regular(b"b")[:100],
        bytes(100),
        b"x" * 512,
        header(b"b", b"0", 100) + b"x" * 50,
        header(b"b", b"0", 1024) + b"x" * 512,
    ],
    ids=[
        "one NUL block, then a record",
        "one and a bit NUL blocks",
        "part of a header",
        "part of a NUL block",
        "no header",
        "part of a content",
        "a block of content too few",
    ],
)
def test_tars_that_break_off_are_refused(ours: Read, tail: bytes) -> None:
    refused(ours, regular(b"a") + tail)


def test_content_that_ends_with_the_tar(ours: Read) -> None:
    """Go takes a last file whose padding is missing."""
    ours([header(b"a", b"0", 100) + b"x" * 100]).counts(100, 100)


@pytest.mark.parametrize(
    ("magic", "tail", "name"),
    [
        (V7, bytes(80) + b"prefix", b"c"),
        (GNU, bytes(80) + b"prefix", b"prefix/c"),
        (GNU, bytes(80) + octal(5, 12) + octal(6, 12), b"c"),
        (USTAR, bytes(80) + b"prefix", b"prefix/c"),
        (
            USTAR,
            bytes(80) + b"prefix".ljust(131, b"\0") + octal(5, 12) * 2 + bytes(8) + b"tar\0",
            b"prefix/c",
        ),
    ],
    ids=["v7", "gnu with a prefix", "gnu with times", "ustar", "star"],
)
def test_prefixes(ours: Read, magic: bytes, tail: bytes, name: bytes) -> None:
    tar = header(b"c", magic=magic, tail=tail) + AFTER
    assert name in names(ours, tar)
    assert len(names(ours, tar)) == 2 + name.count(b"/")


def test_a_name_ends_at_its_first_nul(ours: Read) -> None:
    assert names(ours, header(b"a\0b") + AFTER) == [b"a", b"after"]


def test_a_file_without_a_name_is_refused(ours: Read) -> None:
    refused(ours, header(b"") + AFTER)


def test_mode_bits_beyond_the_permissions_are_cut_off(ours: Read) -> None:
    assert ours([header(b"c", mode=0o7777777) + AFTER])["c"].mode == 0o7777


def test_a_checksum_of_signed_bytes(ours: Read) -> None:
    block = header(b"\xff\xff")
    total = sum(block[:148]) + sum(block[156:]) + 8 * 32 - 2 * 256
    block = block[:148] + b"%06o\0 " % total + block[156:]
    assert names(ours, block + AFTER) == [b"after", b"\xff\xff"]


def test_a_wrong_checksum_is_refused(ours: Read) -> None:
    block = bytearray(header(b"c"))
    block[0] ^= 1
    refused(ours, bytes(block) + AFTER)


def test_a_sparse_type_in_a_tar_that_is_not_gnus_is_refused(ours: Read) -> None:
    refused(ours, header(b"s", b"S", magic=USTAR) + AFTER)


@pytest.mark.parametrize("kind", [b"Z", b"V", b"X", b"M"])
def test_a_type_that_no_engine_unpacks_is_refused(ours: Read, kind: bytes) -> None:
    """Go's archive/tar hands them out; containerd and BuildKit stop there."""
    refused(ours, header(b"v", kind, magic=GNU) + AFTER)
