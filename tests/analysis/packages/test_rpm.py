from __future__ import annotations

import sqlite3
import struct
import subprocess
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.packages.folders import by_name, find, layer_of
from analysis.recorded import records_of
from lightship.analysis.packages.owning import find_owners
from lightship.analysis.packages.rpm import SYSTEM, extract_database
from lightship.analysis.packages.rpm_header import read_header
from lightship.layers.captures import Content

if TYPE_CHECKING:
    from pathlib import Path

SPEC = """\
Name: tool
Epoch: 3
Version: 1.5
Release: 2
Summary: A tool
License: MIT
Group: Development/Tools
BuildArch: noarch
Requires: /bin/sh
Provides: tool-like = 1
%description
A tool.
%package devel
Summary: Headers
Requires: tool-like
%description devel
Headers.
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/include
echo tool > %{buildroot}/usr/bin/tool
echo header > %{buildroot}/usr/include/tool.h
%files
/usr/bin/tool
%files devel
/usr/include/tool.h
"""
DATABASE = "var/lib/rpm/rpmdb.sqlite"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the real rpm installed two packages."""
    place = tmp_path_factory.mktemp("rpm")
    (place / "tool.spec").write_text(SPEC)
    build = ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {place}/build"]
    subprocess.run([*build, place / "tool.spec"], check=True, capture_output=True)
    folder = place / "root"
    folder.mkdir()
    into = ["--root", str(folder), "--dbpath", "/var/lib/rpm", "--define", "_db_backend sqlite"]
    packages = sorted((place / "build/RPMS").rglob("*.rpm"))
    subprocess.run(
        ["rpm", *into, "-i", "--nodeps", *map(str, packages)], check=True, capture_output=True
    )
    return folder


def image_of(root: Path) -> dict[str, object]:
    layer = layer_of(root, ".")
    return {path.removeprefix("./"): content for path, content in layer.items()}


@pytest.mark.system("rpm")
def test_what_the_real_rpm_installed(root: Path) -> None:
    found = find(SYSTEM, image_of(root))
    packages = by_name(found)
    assert set(packages) == {"tool", "tool-devel"}
    assert packages["tool"].version == "1.5-2"
    assert packages["tool"].section == "Development/Tools"
    assert "tool" in packages["tool-devel"].depends
    assert found.notes == []
    records = records_of(image_of(root), requests=SYSTEM.requests)
    ownership = find_owners(records)
    owned = {
        place.path + b"/" + name: ownership.packages[number - 1].name if number else None
        for place in records.places
        for name, record in zip(place.names, place.records, strict=True)
        for number in [ownership.owner_of[record]]
    }
    assert owned[b"usr/bin/tool"] == "tool"
    assert owned[b"usr/include/tool.h"] == "tool-devel"
    assert owned[DATABASE.encode()] is None


def extract(data: bytes) -> bytes:
    return extract_database(Content(memoryview(data), len(data)))


@pytest.mark.system("rpm")
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_database_is_refused_or_read(root: Path, data: st.DataObject) -> None:
    whole = bytearray((root / DATABASE).read_bytes())
    if data.draw(st.booleans(), "cut"):
        del whole[data.draw(st.integers(0, len(whole))) :]
    for _ in range(data.draw(st.integers(0, 8), "flips")):
        if whole:
            whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(ValueError):
        extract(bytes(whole))


def database(path: Path, *statements: str) -> bytes:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path.read_bytes()


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        (("CREATE TABLE other (a)",), "without rpm's table"),
        (("CREATE VIEW Packages AS SELECT 1 AS blob",), "without rpm's table"),
        (("CREATE TABLE Packages (hnum, blob)", "INSERT INTO Packages VALUES (1, 'text')"), "else"),
        (("CREATE TABLE Packages (hnum, blob)", "INSERT INTO Packages VALUES (1, x'00')"), "cut"),
        (("CREATE TABLE Packages (hnum)",), "damaged"),
    ],
)
def test_databases_of_something_else(
    tmp_path: Path, statements: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        extract(database(tmp_path / "db", *statements))


def test_what_is_no_database_is_noted() -> None:
    found = find(SYSTEM, {DATABASE: b"no database at all" * 10})
    assert found.packages == []
    assert found.notes == [f"rpm: {DATABASE}: no sqlite database"]


def test_a_log_beside_the_database_is_noted() -> None:
    image = {DATABASE: b"", f"{DATABASE}-wal": b"x"}
    notes = find(SYSTEM, image).notes
    assert f"rpm: {DATABASE}: what its log holds besides is not read" in notes
    assert all("log" not in note for note in find(SYSTEM, {**image, f"{DATABASE}-wal": b""}).notes)


@pytest.mark.parametrize(("name", "kind"), [("Packages", "Berkeley DB"), ("Packages.db", "ndb")])
def test_older_formats_are_named(name: str, kind: str) -> None:
    (note,) = find(SYSTEM, {f"var/lib/rpm/{name}": b"x" * 5000}).notes
    assert note == f"rpm: var/lib/rpm/{name}: {kind}, an older format, which is not read"


@given(
    st.binary(max_size=300) | st.binary(max_size=60).map(lambda rest: b"\0\0\0\2\0\0\0\x10" + rest)
)
def test_any_header_is_read_or_refused(blob: bytes) -> None:
    with suppress(ValueError):
        assert read_header(blob).paths.count(b"/") <= len(blob)


def test_counts_beyond_all_data_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="cut short"):
        read_header(b"\xff\xff\xff\xff\xff\xff\xff\xff")
    entry = (1117).to_bytes(4, "big") + (8).to_bytes(4, "big") + bytes(4) + b"\xff" * 4
    with pytest.raises(ValueError, match="outside itself"):
        read_header(b"\0\0\0\1\0\0\0\4" + entry + b"abc\0")


def header_of(directory: bytes, names: int) -> bytes:
    """A header with one directory and many files in it."""
    parts = {
        1000: (6, b"long\0", 1),
        1116: (4, bytes(4 * names), names),
        1117: (8, b"x\0" * names, names),
        1118: (8, directory + b"\0", 1),
    }
    entries, data = b"", b""
    for tag, (kind, content, count) in sorted(parts.items(), key=lambda part: part[1][0]):
        entries += struct.pack(">IIII", tag, kind, len(data), count)
        data += content
    return struct.pack(">II", len(parts), len(data)) + entries + data


def test_paths_that_no_system_has_own_nothing() -> None:
    assert read_header(header_of(b"/usr/", 2)).paths == b"usr/x\nusr/x"
    assert read_header(header_of(b"/" + b"a" * 5000 + b"/", 100_000)).paths == b""


def test_a_small_header_of_endless_paths_is_refused() -> None:
    with pytest.raises(ValueError, match="too many paths"):
        read_header(header_of(b"/" + b"a" * 4000 + b"/", 20_000))


def test_a_small_database_of_endless_paths_is_refused(tmp_path: Path) -> None:
    blob = header_of(b"/" + b"a" * 4000 + b"/", 5_000).hex()
    rows = " UNION ALL ".join([f"SELECT 1 AS hnum, x'{blob}' AS blob"] * 2)
    data = database(tmp_path / "db", f"CREATE TABLE Packages AS {rows}")
    with pytest.raises(ValueError, match="more packages than are read"):
        extract(data)
