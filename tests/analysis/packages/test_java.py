from __future__ import annotations

import io
import struct
import subprocess
import zipfile
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.packages.folders import content_of, find, survives
from analysis.recorded import records_of
from lightship.analysis.packages.java import SYSTEM, extract
from lightship.analysis.packages.owning import find_owners
from lightship.analysis.packages.systems import package_requests
from lightship.analysis.packages.zip_directory import read_directory

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.analysis.packages.package import Package

MANIFEST = "META-INF/MANIFEST.MF"


def pom(artifact: str, version: str, group: str = "com.example") -> dict[str, str]:
    path = f"META-INF/maven/{group}/{artifact}/pom.properties"
    return {path: f"#x\nartifactId={artifact}\r\nversion = {version}\ngroupId={group}\n"}


def jar(
    files: dict[str, str] | None = None, method: int = ZIP_DEFLATED, comment: str = ""
) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, text in {MANIFEST: "Manifest-Version: 1.0\r\n\r\n", **(files or {})}.items():
            archive.writestr(name, text)
        archive.comment = comment.encode()
    return data.getvalue()


def only(name: str, content: bytes) -> Package:
    (package,) = find(SYSTEM, {f"app/{name}": content}).packages
    assert list(package.paths) == [f"app/{name}".encode()]
    return package


def named(name: str, content: bytes) -> tuple[str, str | None]:
    package = only(name, content)
    return package.name, package.version


def manifest(*lines: str) -> dict[str, str]:
    return {MANIFEST: "Manifest-Version: 1.0\r\n" + "\r\n".join(lines) + "\r\n\r\n"}


@pytest.mark.parametrize(
    ("name", "files", "expected"),
    [
        ("commons-lang3-3.12.0.jar", {}, ("commons-lang3", "3.12.0")),
        ("app.jar", {}, ("app", None)),
        ("app.war", pom("shop", "2.0"), ("shop", "2.0")),
        ("shop-2.0-SNAPSHOT.ear", pom("shop", "2.0-SNAPSHOT"), ("shop", "2.0-SNAPSHOT")),
        ("shop.jar", pom("shop", "2") | pom("part", "3"), ("shop", "2")),
        (
            "guice.jar",
            manifest("Implementation-Version: 4.2") | pom("cglib", "3"),
            ("guice", "4.2"),
        ),
        ("fat-1.jar", pom("part", "3") | pom("other", "4"), ("fat", "1")),
        ("app.jar", manifest("Implementation-Version: 7.1"), ("app", "7.1")),
        ("app.jar", manifest("Bundle-Version: 1.2", " .3"), ("app", "1.2.3")),
        ("app.jar", manifest("X: y", "", "Name: a", "Implementation-Version: 9"), ("app", None)),
        ("guava-31.1-jre.jar", manifest("Bundle-Version: 31.1.0"), ("guava", "31.1-jre")),
    ],
)
@pytest.mark.parametrize("method", [ZIP_STORED, ZIP_DEFLATED])
def test_names_and_versions(
    name: str, files: dict[str, str], expected: tuple[str, str | None], method: int
) -> None:
    assert named(name, jar(files, method)) == expected


def test_archives_inside_are_packages_without_files() -> None:
    nested = {f"BOOT-INF/lib/{name}.jar": "x" for name in ("spring-core-6.1.1", "snakeyaml-2.2")}
    boot = jar({**pom("shop", "1"), **nested})
    found = find(SYSTEM, {"app/shop-1.jar": boot})
    assert [(one.name, one.version, list(one.paths), one.source) for one in found.packages] == [
        ("shop", "1", [b"app/shop-1.jar"], b"app/shop-1.jar"),
        ("snakeyaml", "2.2", [], b"app/shop-1.jar"),
        ("spring-core", "6.1.1", [], b"app/shop-1.jar"),
    ]
    assert found.packages[0].depends == ("snakeyaml", "spring-core")


def test_archives_inside_are_among_an_images_packages() -> None:
    boot = jar({"BOOT-INF/lib/snakeyaml-2.2.jar": "x"})
    owners = find_owners(records_of({"shop-1.jar": boot}, requests=package_requests()))
    assert [one.name for one in owners.packages] == ["shop", "snakeyaml"]
    assert list(owners.owner_of) == [1]


@pytest.mark.system("zip")
def test_an_archive_of_another_program(tmp_path: Path) -> None:
    for name, text in {**manifest("Implementation-Version: 5.0"), **pom("tool", "5.0")}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, newline="")
    subprocess.run(["zip", "-q", "-r", "-fz", "t.jar", "META-INF"], cwd=tmp_path, check=True)
    assert named("t.jar", (tmp_path / "t.jar").read_bytes()) == ("tool", "5.0")


def test_zip64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)  # Python then writes zip64's records
    data = jar(pom("big", "8") | {"a": "", "b": ""}, comment="behind it")
    assert b"PK\x06\x06" in data
    assert named("big.jar", data) == ("big", "8")
    assert len(read_directory(content_of(data)).entries) == 4


def test_a_script_in_front_and_a_comment_behind() -> None:
    data = b"#!/bin/sh\nexec java -jar $0\n" + jar(pom("shop", "3"), comment="PK\x05\x06 " * 100)
    assert named("shop.jar", data) == ("shop", "3")


def test_head_and_tail_are_enough() -> None:
    filler = {"big.bin": "".join(chr(33 + at * at % 90) for at in range(50_000))}
    data = jar({**manifest("Implementation-Version: 4"), **filler, **pom("late", "4")}, ZIP_STORED)
    directory = read_directory(content_of(data, head=2000, tail=2000))
    assert directory.entries.keys() == read_directory(content_of(data)).entries.keys()
    (late,) = pom("late", "4").items()
    assert (
        directory.read(MANIFEST.encode(), 1000)
        == manifest("Implementation-Version: 4")[MANIFEST].encode()
    )
    assert directory.read(late[0].encode(), 1000) == late[1].encode()
    assert read_directory(content_of(data, head=2000, tail=100)).entries == {}
    short = directory.read(b"big.bin", 30_000)
    assert short is not None
    assert len(short) < 2000


def test_a_file_is_read_in_part_however_large_it_claims_to_be() -> None:
    data = jar({"zeros": "0" * 10_000_000})
    assert read_directory(content_of(data)).read(b"zeros", 100) == b"0" * 100
    assert read_directory(content_of(data)).read(b"none", 100) is None


def lying(data: bytes, at: int, value: bytes) -> bytes:
    """An archive with other bytes in its end record."""
    start = data.rindex(b"PK\x05\x06") + at
    return data[:start] + value + data[start + len(value) :]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no end record"),
        (b"PK\x03\x04 and no more", "no end record"),
        (b"<html>not found</html>" * 100, "no end record"),
        (lying(jar(), 12, struct.pack("<I", 2**32 - 2)), "longer than what is before"),
        (lying(jar(), 12, struct.pack("<II", 10, 20)), "not where it says"),
        (lying(jar(), 12, b"\xff" * 8), "longer than what is before"),
        (jar()[:-10], "no end record"),
    ],
)
def test_what_is_no_archive_is_noted(data: bytes, why: str) -> None:
    found = find(SYSTEM, {"app/x-1.jar": data})
    assert found.packages == []
    (note,) = found.notes
    assert note.startswith("java: app/x-1.jar: no zip archive")
    assert why in note


def test_records_that_lie_are_read_as_far_as_they_go() -> None:
    data = jar(pom("shop", "3"))
    at = data.index(b"PK\x01\x02")
    for offset, value in ((20, b"\xff" * 8), (28, b"\xff\xff"), (42, b"\xf0" * 4), (10, b"\x63\0")):
        changed = data[: at + offset] + value + data[at + offset + len(value) :]
        assert only("shop-9.jar", changed).name == "shop"
    twice = at + 46
    nested = data[:twice] + b"A" * 4 + data[twice + 4 :]
    assert only("shop-9.jar", nested).name == "shop"


@settings(max_examples=60)
@given(st.binary(max_size=300), st.integers(0, 700), st.binary(min_size=1, max_size=6))
def test_any_damage_is_read_or_refused(junk: bytes, at: int, damage: bytes) -> None:
    data = jar({**pom("shop", "3"), "BOOT-INF/lib/a-1.jar": "x"})
    survives(extract, data[:at] + damage + data[at + len(damage) :])
    survives(extract, junk)
    survives(extract, junk + b"PK\x05\x06" + junk)
    survives(extract, data[:at] + junk + data[at:])


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=30), max_size=5))
def test_what_is_written_is_read(files: dict[str, str]) -> None:
    stored = {f"f/{at}": text for at, text in enumerate(files.values())}
    directory = read_directory(content_of(jar(stored)))
    for name, text in stored.items():
        assert directory.read(name.encode(), 1000) == text.encode()
