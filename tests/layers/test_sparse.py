"""Sparse archives made by GNU tar, in every format it writes, give the file as it really is."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from independent.rawtar import END, GNU, gnu_long, header, octal, padded, pax, regular
from layers.scanned import scan, scan_pieces, stored_content
from lightship.errors import CorruptInputError
from lightship.layers.limits import Limits
from lightship.layers.sparse import check_map
from lightship.model.entry import Kind

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = {
    "gnu": ["--format=gnu"],
    "pax 0.0": ["--format=posix", "--sparse-version=0.0"],
    "pax 0.1": ["--format=posix", "--sparse-version=0.1"],
    "pax 1.0": ["--format=posix", "--sparse-version=1.0"],
}
HOLE = bytes(4096)
DATA = b"content " * 64
FILES = {
    "plain": b"nothing sparse about it",
    "one-hole": DATA + HOLE * 20 + DATA,
    "hole-first": HOLE * 20 + DATA,
    "hole-last": DATA + HOLE * 20,
    "only-holes": HOLE * 50,
    "odd-size": DATA + HOLE * 9 + b"odd",
    "many": (DATA + HOLE) * 60 + b"end",  # more stretches than a header and two blocks hold
    "long-" + "n" * 150: HOLE * 8 + DATA + HOLE * 8,
    "after": b"whatever comes behind is still in step",
}


def gnu_tar() -> str:
    program = shutil.which("tar")
    assert program is not None
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    if "GNU tar" not in version.stdout:
        pytest.skip("tar is not GNU tar")
    return program


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    made.mkdir()
    for name, content in FILES.items():
        with (made / name).open("wb") as file:
            for start in range(0, len(content), 512):
                piece = content[start : start + 512]
                if piece.strip(b"\0"):
                    file.seek(start)
                    file.write(piece)
            file.truncate(len(content))
    return made


def packed(folder: Path, options: list[str]) -> bytes:
    command = [gnu_tar(), "--create", "--sparse", "--hole-detection=raw", *options]
    return subprocess.run([*command, *FILES], cwd=folder, capture_output=True, check=True).stdout


@pytest.mark.parametrize("chunk", [100, 512, 10**7])
@pytest.mark.parametrize("options", FORMATS.values(), ids=FORMATS)
def test_p9_size_and_hash_of_the_real_file(folder: Path, options: list[str], chunk: int) -> None:
    tar = packed(folder, options)
    assert len(tar) < sum(map(len, FILES.values())), "GNU tar stored no holes"
    index = scan(tar, chunk)
    found = {
        index.path(entry).decode(): (
            index.columns.content_bytes[entry],
            index.content_hash(entry),
            index.columns.kinds[entry],
        )
        for entry in range(len(index))
    }
    assert found == {
        name: (len(content), xxhash.xxh3_128_digest(content), Kind.REGULAR)
        for name, content in FILES.items()
    }
    assert index.tar_bytes == len(tar)


@pytest.mark.parametrize("options", FORMATS.values(), ids=FORMATS)
def test_p9_what_is_stored_is_where_the_index_says(folder: Path, options: list[str]) -> None:
    """tarfile's map of the stretches, laid over the bytes at that place, gives the file."""
    tar = packed(folder, options)
    index = scan(tar)
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        for entry, member in enumerate(archive):
            stretches = getattr(member, "sparse", None)
            if not stretches:
                continue
            stored = io.BytesIO(stored_content(tar, index, entry))
            real = bytearray(member.size)
            for offset, length in stretches:
                real[offset : offset + length] = stored.read(length)
            assert not stored.read()
            assert real == FILES[index.path(entry).decode()]


NUMBERS = st.integers(0, 3000)


@st.composite
def sparse_files(draw: st.DrawFn) -> tuple[bytes, list[tuple[int, int]]]:
    """A file, and where its stretches are."""
    content, stretches = b"", []
    for _ in range(draw(st.integers(0, 40))):
        content += bytes(draw(NUMBERS))
        data = draw(st.binary(min_size=1, max_size=9)) * draw(st.integers(1, 200))
        stretches.append((len(content), len(data)))
        content += data
    return content + bytes(draw(NUMBERS)), stretches


def old_gnu(name: bytes, content: bytes, stretches: list[tuple[int, int]]) -> bytes:
    entries = [octal(offset, 12) + octal(length, 12) for offset, length in stretches]
    stored = sum(length for _, length in stretches)
    more = [entries[start : start + 21] for start in range(4, len(entries), 21)]
    # atime, ctime, offset, long names, unused; map; whether more follow; the real size
    area = bytes(41) + b"".join(entries[:4]).ljust(96, b"\0") + bytes([bool(more)])
    made = header(
        name, b"S", stored, magic=GNU, tail=bytes(80) + area + octal(len(content), 12)
    )  # the tail starts behind the magic, at 265
    for number, group in enumerate(more, 1):
        made += b"".join(group).ljust(504, b"\0") + bytes([number < len(more)]) + bytes(7)
    return made + padded(b"".join(content[at : at + length] for at, length in stretches))


def pax_one(name: bytes, content: bytes, stretches: list[tuple[int, int]]) -> bytes:
    numbers = [len(stretches), *(number for stretch in stretches for number in stretch)]
    table = padded(b"".join(b"%d\n" % number for number in numbers))
    data = b"".join(content[at : at + length] for at, length in stretches)
    records = {
        b"GNU.sparse.major": b"1",
        b"GNU.sparse.minor": b"0",
        b"GNU.sparse.name": name,
        b"GNU.sparse.realsize": b"%d" % len(content),
    }
    return pax(records) + regular(b"GNUSparseFile.0/x", table + data)


@settings(max_examples=80, deadline=None)
@given(sparse_files(), st.sampled_from([200, 512, 10**7]))
def test_p9_any_map_in_either_format(made: tuple[bytes, list[tuple[int, int]]], chunk: int) -> None:
    content, stretches = made
    tar = old_gnu(b"a", content, stretches) + pax_one(b"b", content, stretches) + END
    index = scan(tar, chunk)
    assert [index.path(0), index.path(1)] == [b"a", b"b"]
    assert list(index.columns.content_bytes) == [len(content)] * 2
    assert index.content_hash(0) == index.content_hash(1) == xxhash.xxh3_128_digest(content)
    stored = b"".join(content[at : at + length] for at, length in stretches)
    assert stored_content(tar, index, 0) == stored_content(tar, index, 1) == stored


@pytest.mark.parametrize(
    ("stretches", "real", "stored"),
    [
        ([(0, 10), (9, 10)], 20, 20),
        ([(0, 10), (5, 10)], 20, 20),
        ([(10, 5), (0, 5)], 20, 10),
        ([(0, 10)], 9, 10),
        ([(0, 10)], 10, 9),
        ([(0, 10)], 10, 11),
        ([(0, -1)], 10, -1),
        ([(-5, 5)], 10, 5),
        ([], -1, 0),
        ([], 10, 1),
    ],
)
def test_a_map_that_cannot_be_is_refused(
    stretches: list[tuple[int, int]], real: int, stored: int
) -> None:
    with pytest.raises(ValueError, match="sparse"):
        check_map(stretches, real, stored)


@pytest.mark.parametrize(("stretches", "real"), [([], 0), ([], 10), ([(0, 0), (0, 4)], 4)])
def test_a_map_at_the_edge_is_taken(stretches: list[tuple[int, int]], real: int) -> None:
    check_map(stretches, real, sum(length for _, length in stretches))


def test_holes_count_against_the_image_s_allowance() -> None:
    records = {
        b"GNU.sparse.major": b"1",
        b"GNU.sparse.minor": b"0",
        b"GNU.sparse.realsize": b"1000000000000",
    }
    tar = pax(records) + regular(b"huge", padded(b"0\n")) + END
    with pytest.raises(CorruptInputError, match="--max-unpacked"):
        scan_pieces([tar], limits=Limits(max_unpacked_bytes=10**9))


def test_a_long_name_beats_the_sparse_record_s_none() -> None:
    tar = gnu_long(b"l" * 200) + old_gnu(b"short", b"x", [(0, 1)]) + END
    assert scan(tar).path(0) == b"l" * 200
