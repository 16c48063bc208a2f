from __future__ import annotations

import io
import struct
import tarfile
from array import array
from typing import TYPE_CHECKING

import msgspec
import pytest
import xxhash
from hypothesis import HealthCheck, given, settings

from independent.rawtar import END, header, pax, regular
from layers.scanned import scan
from layers.test_scanning import Tar, tars
from lightship.errors import CorruptInputError
from lightship.layers import stored
from lightship.layers.captures import CaptureRequest, Captures
from lightship.layers.index import Columns, LayerIndex, Rarities
from lightship.layers.stored import FORMAT_VERSION, from_bytes, to_bytes
from lightship.testing import Device, Dir, File, Link, Symlink

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = {
    "d": Dir(mode=0o1777, uid=5, gid=6),
    "d/file": File(b"content", xattrs={"user.a": b"\0\xff"}, mtime=1_700_000_000),
    "d/.wh.gone": b"",
    "sym": Symlink("d/file"),
    "link": Link("d/file"),
    "null": Device(1, 3),
    b"\xff\n": File(pax={"mtime": "-1.5"}),
}
ALL = Captures(
    (CaptureRequest(name="all", version=1, directories=frozenset({b"", b"d", b"usr/bin"})),)
)


def small() -> LayerIndex:
    return scan(SMALL, captures=ALL)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(tars())
def test_what_is_stored_is_read_back(tar: Tar) -> None:
    index = scan(tar, captures=ALL)
    assert from_bytes(to_bytes(index)) == index


@pytest.mark.parametrize("layer", [{}, {"a": b""}, SMALL], ids=["empty", "one", "small"])
def test_few_entries_and_none(layer: dict[str, object]) -> None:
    index = scan(layer)
    assert from_bytes(to_bytes(index)) == index
    assert len(from_bytes(to_bytes(index))) == len(layer)


def test_a_real_directory() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.add("/etc", "etc")
    index = scan(buffer.getvalue(), captures=ALL)
    data = to_bytes(index)
    assert from_bytes(data) == index
    assert to_bytes(from_bytes(data)) == data
    assert len(data) < 120 * len(index)


def test_every_changed_byte_is_noticed() -> None:
    data = to_bytes(small())
    assert len(data) < 5000
    for place in range(len(data)):
        for change in (0x01, 0x80, 0xFF):
            damaged = bytearray(data)
            damaged[place] ^= change
            with pytest.raises(ValueError, match=r"damaged|another format"):
                from_bytes(bytes(damaged))


def test_every_truncation_is_noticed() -> None:
    data = to_bytes(small())
    for length in range(len(data)):
        with pytest.raises(ValueError, match=r"damaged|too short"):
            from_bytes(data[:length])
    with pytest.raises(ValueError, match="damaged"):
        from_bytes(data + b"\0")


def sealed(body: bytes) -> bytes:
    """With a right checksum: as a writer with other ideas of the format would leave it."""
    return body + xxhash.xxh3_128_digest(body)


@pytest.mark.parametrize("version", [0, FORMAT_VERSION + 1, 2**32 - 1])
def test_another_version_is_another_format(version: int) -> None:
    data = to_bytes(small())[:-16]
    with pytest.raises(ValueError, match="another format"):
        from_bytes(sealed(data[:16] + struct.pack("<I", version) + data[20:]))


def test_a_foreign_file_is_another_format() -> None:
    for data in (sealed(b"\x89PNG" * 20), b"x" * 200, sealed(b"")):
        with pytest.raises(ValueError, match=r"another format|too short"):
            from_bytes(data)


def test_a_table_that_is_none_is_malformed() -> None:
    data = to_bytes(small())[:-16]
    for table_bytes in (0, 1, len(data), 2**32 - 1):
        with pytest.raises(ValueError, match="malformed"):
            from_bytes(sealed(data[:20] + struct.pack("<I", table_bytes) + data[24:]))


def _short(columns: Columns) -> None:
    columns.modes.pop()


def _hashes(columns: Columns) -> None:
    del columns.hashes[-16:]


def _directory(columns: Columns) -> None:
    columns.directories[0] = 99


def _kind(columns: Columns) -> None:
    columns.kinds[0] = 200


def _names(columns: Columns) -> None:
    columns.names.append(b"more")


@pytest.mark.parametrize("spoil", [_short, _hashes, _directory, _kind, _names])
def test_columns_that_do_not_fit_each_other_are_refused(
    spoil: Callable[[Columns], None],
) -> None:
    index = small()
    spoil(index.columns)
    data = to_bytes(index)
    with pytest.raises(ValueError, match=r"column|kind|directory"):
        from_bytes(data)


def test_a_link_without_a_target_is_refused() -> None:
    index = small()
    index.rarities.links.popitem()
    with pytest.raises(ValueError, match="target"):
        from_bytes(to_bytes(index))


def test_numbers_of_a_big_endian_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """There every column is swapped on its way out and in; the bytes stored are the same."""
    expected = to_bytes(small())
    swapped = small()
    for name, value in ((name, getattr(swapped.columns, name)) for name in stored._ARRAYS):
        copy = array(value.typecode, value)
        copy.byteswap()
        setattr(swapped.columns, name, copy)
    monkeypatch.setattr(stored, "_is_little", lambda: False)
    assert to_bytes(swapped) == expected


def test_nothing_is_executed_by_reading() -> None:
    """MessagePack decoded into plain structures: no pickle anywhere in a stored index."""
    table = msgspec.msgpack.encode({"entries": "x"})
    head = to_bytes(small())[:20] + struct.pack("<I", len(table))
    with pytest.raises(ValueError, match="malformed"):
        from_bytes(sealed(head + table))


NUL_NAME = pax(
    {
        b"GNU.sparse.major": b"1",
        b"GNU.sparse.minor": b"0",
        b"GNU.sparse.name": b"a\0b/c",
        b"GNU.sparse.realsize": b"0",
    }
) + regular(b"x", b"0\n".ljust(512, b"\0"))


def test_a_name_with_a_nul_cannot_move_other_entries() -> None:
    """Refused when read, or read back as it was: never entries in another directory."""
    try:
        index = scan(NUL_NAME + header(b"d/", b"5") + regular(b"d/e", b"x") + END)
    except CorruptInputError:
        return
    assert from_bytes(to_bytes(index)) == index


def test_rarities_of_their_own() -> None:
    index = small()
    again = from_bytes(to_bytes(index)).rarities
    assert isinstance(again, Rarities)
    assert again.devices == {5: (1, 3)}
    assert again.xattrs == {1: {b"user.a": b"\0\xff"}}
    assert again.captures[1] == {"all": b"content"}
