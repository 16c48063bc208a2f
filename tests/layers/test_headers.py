from __future__ import annotations

import contextlib
import io
import tarfile
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from independent.rawtar import base256, header, pax_record, sealed
from lightship.errors import CorruptInputError
from lightship.layers.headers import (
    checksum_matches,
    clean,
    decimal,
    number,
    parse_header,
    parse_pax,
    pax_time_ns,
)


@given(st.integers(-(2**62), 2**62))
def test_p7_base_256_numbers(value: int) -> None:
    assert number(base256(value, 12)) == value


@given(st.integers(-(2**55), 2**55 - 1))
def test_p7_base_256_numbers_in_eight_bytes(value: int) -> None:
    assert number(base256(value, 8)) == value


@given(st.integers(0, 0o77777777777), st.sampled_from([b"%011o\0", b"%012o", b"%11o ", b"%o\0x"]))
def test_octal_numbers_however_they_end(value: int, form: bytes) -> None:
    assert number(form % value) == value


@given(st.binary(min_size=8, max_size=8))
def test_a_number_field_is_read_as_tarfile_reads_it_or_refused(field: bytes) -> None:
    try:
        found = number(field)
    except ValueError:
        return
    if field[0] in (0o200, 0o377) or not field[0] & 0x80:
        assert found == _by_tarfile(field)


def _by_tarfile(field: bytes) -> int:
    try:
        return tarfile.nti(field)  # type: ignore[attr-defined,no-any-return]
    except tarfile.HeaderError:
        # leading NULs end a number for tarfile; Go passes over them
        return tarfile.nti(field.lstrip(b"\0 "))  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(
    "field", [b"8\0", b"12x\0", b"-1\0", b"0x1\0", b"1 2\0", b"\x80" + b"\xff" * 11, b"\xbf" * 12]
)
def test_what_is_no_number_is_refused(field: bytes) -> None:
    with pytest.raises(ValueError, match=r"octal|63 bits"):
        number(field)


@pytest.mark.parametrize("field", [b"", b"\0" * 12, b" " * 12, b" \0 \0"])
def test_an_empty_field_is_zero(field: bytes) -> None:
    assert number(field) == 0


def test_the_checksum_may_be_signed() -> None:
    block = sealed(header(b"\xff\xfe\x80 high bytes"))
    assert checksum_matches(block)
    signed = sum(byte - 256 if byte > 127 else byte for byte in block[:148] + block[156:]) + 256
    assert checksum_matches(block[:148] + b"%06o\0 " % signed + block[156:])
    assert not checksum_matches(block[:148] + b"%06o\0 " % (signed + 1) + block[156:])


@settings(max_examples=300)
@given(st.integers(0, 511), st.integers(1, 255))
def test_a_changed_byte_of_a_header_is_noticed(place: int, change: int) -> None:
    block = bytearray(header(b"name", b"0", 5, uid=1, mtime=1_700_000_000))
    block[place] ^= change
    if 148 <= place < 156:
        return  # the checksum's own field has several spellings of one number
    with pytest.raises(ValueError, match="checksum"):
        parse_header(bytes(block))


NAMES = st.binary(min_size=1, max_size=100).filter(lambda name: b"\0" not in name)


@given(NAMES, st.integers(0, 0o7777), st.integers(0, 0o7777777), st.integers(0, 0o77777777777))
def test_a_header_of_tarfile(name: bytes, mode: int, uid: int, mtime: int) -> None:
    made = tarfile.TarInfo(name.decode("utf-8", "surrogateescape"))
    made.mode, made.uid, made.gid, made.mtime = mode, uid, uid, mtime
    block = made.tobuf(tarfile.USTAR_FORMAT, "utf-8", "surrogateescape")
    found = parse_header(block)
    assert (found.name, found.mode, found.uid, found.gid) == (name, mode, uid, uid)
    assert found.mtime_ns == mtime * 10**9


def test_a_star_header_has_a_shorter_prefix() -> None:
    tail = bytes(80) + b"p" * 131 + b"\0" * 12 + b"t" * 12 + b"tar\0" + bytes(8)
    block = bytearray(header(b"n", tail=tail))
    block[508:512] = b"tar\0"
    block[476:508] = b"0000000000000000 000000000000000"
    assert parse_header(sealed(bytes(block))).name == b"p" * 131 + b"/n"


KEYS = st.sampled_from([b"path", b"mtime", b"comment", b"SCHILY.xattr.user.a", b"x" * 300])
VALUES = st.binary(max_size=200)


@given(st.lists(st.tuples(KEYS, VALUES), max_size=8))
def test_pax_records_the_last_counts(pairs: list[tuple[bytes, bytes]]) -> None:
    pairs = [(key, value.replace(b"\0", b"")) for key, value in pairs]
    body = b"".join(pax_record(key, value) for key, value in pairs)
    assert parse_pax(body) == dict(pairs)


@given(st.binary(max_size=120))
def test_pax_of_any_bytes_is_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        parse_pax(body)


@pytest.mark.parametrize(
    "body",
    [
        b"x",
        b"10 path=b",
        b"8 path=b\n",
        b"11 path=b\n",
        b"+10 path=b\n",
        b" 10 path=b\n",
        b"7 path\n",
        b"5 =b\n",
        b"3 \n",
        b"2 ",
        b"0 path=b\n",
        pax_record(b"path", b"a\0b"),
        pax_record(b"linkpath", b"a\0b"),
        pax_record(b"a\0b", b"c"),
        pax_record(b"GNU.sparse.numbytes", b"1"),
        pax_record(b"GNU.sparse.offset", b"1") * 2,
        pax_record(b"GNU.sparse.offset", b"1,2"),
    ],
)
def test_malformed_pax_records_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="PAX record"):
        parse_pax(body)


def test_p9_repeated_sparse_records_become_one_map() -> None:
    body = b"".join(
        pax_record(b"GNU.sparse." + key, value)
        for key, value in (
            *((b"offset", b"0"), (b"numbytes", b"5")),
            *((b"offset", b"10"), (b"numbytes", b"3")),
        )
    )
    assert parse_pax(body)[b"GNU.sparse.map"] == b"0,5,10,3"


@given(
    st.sampled_from(["", "-", "+"]),
    st.integers(0, 2**33),
    st.from_regex(r"(\.[0-9]{0,20})?", fullmatch=True),
)
def test_p10_pax_times(sign: str, whole: int, fraction: str) -> None:
    value = Decimal(f"{sign}{whole}{fraction}")
    assert pax_time_ns(f"{sign}{whole}{fraction}".encode()) == int(value * 10**9)


@pytest.mark.parametrize("value", [b"", b".5", b"1e3", b"1.5x", b"--1", b"1.-5", b"9" * 20, b" 1"])
def test_what_is_no_pax_time_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="time"):
        pax_time_ns(value)


@pytest.mark.parametrize("value", [b"", b"x", b"1.0", b"0x1", b"1_0", b" 1", str(2**63).encode()])
def test_what_is_no_decimal_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="number"):
        decimal(value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"a", b"a"),
        (b"./a", b"a"),
        (b"/a//b/", b"a/b"),
        (b"a/./b/../c", b"a/c"),
        (b"a/..", b""),
        (b"", b""),
        (b"/", b""),
        (b"...", b"..."),
        (b"a/ /b", b"a/ /b"),
    ],
)
def test_t5_names_are_cleaned(written: bytes, meant: bytes) -> None:
    assert clean(written) == meant


@pytest.mark.parametrize("path", [b"..", b"a/../..", b"/../a", b"./.."])
def test_t7_a_name_that_climbs_out_is_refused(path: bytes) -> None:
    with pytest.raises(CorruptInputError, match="climbs out"):
        clean(path)


def test_tarfile_agrees_on_a_header_without_magic() -> None:
    block = header(b"old", b"\0", 3, magic=bytes(8))
    with tarfile.open(fileobj=io.BytesIO(block + b"abc".ljust(512, b"\0") + bytes(1024))) as tar:
        (member,) = tar
    found = parse_header(block)
    assert (found.name, found.size_bytes) == (member.name.encode(), member.size)
