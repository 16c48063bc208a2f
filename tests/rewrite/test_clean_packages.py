"""Records of packages: with the whole of a package, or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightship import inspect
from lightship.api.cleaning import clean
from lightship.api.trees import open_tree
from lightship.rewrite.package_records import without_stanzas
from lightship.rewrite.protected import is_licence, is_record
from lightship.testing import Symlink, build_image

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.model.results.rewrite import Cleaning

BASE = {"bin/sh": b"base"}
SITE = "usr/lib/python3/site-packages"
PYTHON = {
    f"{SITE}/one/__init__.py": b"x = 1\n",
    f"{SITE}/one/data.bin": b"d" * 3000,
    f"{SITE}/one-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: one\nVersion: 1.0\n\n",
    f"{SITE}/one-1.0.dist-info/INSTALLER": b"pip\n",
    f"{SITE}/one-1.0.dist-info/RECORD": (
        b"one/__init__.py,,\none/data.bin,,\none-1.0.dist-info/METADATA,,\n"
        b"one-1.0.dist-info/INSTALLER,,\none-1.0.dist-info/RECORD,,\n"
    ),
}
NPM = {
    "app/node_modules/left/package.json": json.dumps({"name": "left", "version": "1.0.0"}).encode(),
    "app/node_modules/left/index.js": b"module.exports = 1\n",
    "app/node_modules/left/lib/more.js": b"// more\n",
}
APK = {
    "lib/apk/db/installed": (
        b"P:one\nV:1.0-r0\nA:x86_64\nF:usr/bin\nR:one\n\nP:two\nV:2.0-r0\nA:x86_64\nF:usr/bin\nR:two\n\n"
    ),
    "usr/bin/one": b"1" * 500,
    "usr/bin/two": b"2" * 500,
}
COMPOSER = {
    "app/vendor/composer/installed.json": json.dumps(
        {"packages": [{"name": "a/b", "version": "1.0", "install-path": "../a/b"}]}
    ).encode(),
    "app/vendor/a/b/src.php": b"<?php // long\n" * 90,
    "app/vendor/a/b/s.php": b"<?php\n",
}


def cleaned(tmp_path: Path, layer: dict[str, Any], *paths: str) -> tuple[Cleaning, set[str]]:
    reference = build_image([BASE, layer], directory=tmp_path)
    target = f"oci:{tmp_path / 'cleaned'}:it"
    result = clean(reference, target, paths=paths, cache=None)
    assert result.cleaning is not None
    return result.cleaning, {entry.path.decode() for entry in open_tree(target).walk()}


def packages_of(tmp_path: Path) -> set[str]:
    contents = inspect(f"oci:{tmp_path / 'cleaned'}:it", cache=None).contents
    assert contents is not None
    return {row.name for row in contents.packages}


def test_a_distribution_of_python_goes_with_its_metadata(tmp_path: Path) -> None:
    told, left = cleaned(tmp_path, PYTHON, f"{SITE}/one")
    assert [(one.name, one.whole) for one in told.packages] == [("one", True)]
    assert left == {"bin", "bin/sh", "usr", "usr/lib", "usr/lib/python3", SITE}


def test_a_part_of_a_distribution_leaves_its_metadata(tmp_path: Path) -> None:
    told, left = cleaned(tmp_path, PYTHON, f"{SITE}/one/data.bin")
    assert [(one.name, one.whole, one.lost, one.files) for one in told.packages] == [
        ("one", False, 1, 5)
    ]
    assert f"{SITE}/one-1.0.dist-info/RECORD" in left
    assert "one" in packages_of(tmp_path)


def test_metadata_does_not_go_with_the_directory_around_it_alone(tmp_path: Path) -> None:
    told, left = cleaned(
        tmp_path, {**PYTHON, f"{SITE}/other.py": b"o"}, f"{SITE}/one-1.0.dist-info",
        f"{SITE}/other.py",
    )  # fmt: skip
    assert f"{SITE}/one-1.0.dist-info/METADATA" in left
    assert f"{SITE}/other.py" not in left
    assert {one.path for one in told.must_stay} >= {f"{SITE}/one-1.0.dist-info/METADATA"}


def test_a_site_folder_goes_with_every_distribution_in_it(tmp_path: Path) -> None:
    told, left = cleaned(tmp_path, PYTHON, SITE)
    assert SITE not in left
    assert told.must_stay == ()


def test_a_package_of_npm_goes_with_its_manifest(tmp_path: Path) -> None:
    _, left = cleaned(tmp_path, NPM, "app/node_modules/left")
    assert "app/node_modules/left" not in left
    assert "left" not in packages_of(tmp_path)


def test_a_manifest_of_npm_stays_while_a_file_is_left(tmp_path: Path) -> None:
    told, left = cleaned(tmp_path, NPM, "app/node_modules/left/lib")
    assert "app/node_modules/left/package.json" in left
    assert [(one.name, one.whole) for one in told.packages] == [("left", False)]


def test_a_package_of_apk_goes_from_the_database(tmp_path: Path) -> None:
    told, left = cleaned(tmp_path, APK, "usr/bin/one")
    assert told.edited == ("lib/apk/db/installed",)
    assert "usr/bin/two" in left
    assert packages_of(tmp_path) == {"two", "unpackaged"}


def test_of_a_database_of_many_the_last_file_stays(tmp_path: Path) -> None:
    told, left = cleaned(tmp_path, COMPOSER, "app/vendor/a")
    assert [(one.name, one.whole, one.lost, one.files) for one in told.packages] == [
        ("a/b", False, 1, 2)
    ]
    assert "database of composer" in (told.packages[0].refused or "")
    assert "app/vendor/a/b/s.php" in left
    assert "app/vendor/a/b/src.php" not in left


def _dpkg(name: str, *files: str) -> dict[str, Any]:
    return {
        "var/lib/dpkg/status": (
            f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n"
            "Version: 1.0\nSection: libdevel\n\n"
        ).encode(),
        f"var/lib/dpkg/info/{name}.list": "".join(f"/{path}\n" for path in files).encode(),
    }


def test_a_package_that_is_left_with_links_alone_is_there(tmp_path: Path) -> None:
    """`g++` of Debian is a link to the compiler, and two pages of documentation."""
    files = ("usr/bin/g++", "usr/share/doc/g++/README")
    layer = {
        **_dpkg("g++", *files),
        "usr/bin/g++": Symlink("g++-12"),
        "usr/share/doc/g++/README": b"r" * 2000,
    }
    told, left = cleaned(tmp_path, layer, "usr/share/doc/g++/README")
    assert "usr/bin/g++" in left
    assert [(one.name, one.whole, one.lost) for one in told.packages] == [("g++", False, 1)]
    assert told.edited == ()


def test_links_go_along_where_the_package_was_to_go(tmp_path: Path) -> None:
    files = ("usr/include/x.h", "usr/lib/libx.so")
    layer = {
        **_dpkg("libx-dev", *files),
        "usr/include/x.h": b"#define X\n" * 200,
        "usr/lib/libx.so": Symlink("libx.so.1"),
        "usr/lib/libx.so.1": b"so",
    }
    reference = build_image([BASE, layer], directory=tmp_path)
    target = f"oci:{tmp_path / 'cleaned'}:it"
    result = clean(reference, target, rules=["dev-packages"], cache=None)
    assert result.cleaning is not None
    assert [(one.name, one.whole) for one in result.cleaning.packages] == [("libx-dev", True)]
    assert {row.path for row in result.removed} == {*files, "var/lib/dpkg/info/libx-dev.list"}


@pytest.mark.parametrize(
    ("path", "stays"),
    [
        (b"var/lib/dpkg/status", True),
        (b"var/lib/dpkg/info/a.list", True),
        (b"var/lib/dpkg/status-old", False),
        (b"var/lib/apt/lists/a", False),
        (b"var/lib/rpm/rpmdb.sqlite", True),
        (b"usr/lib/python3/x-1.0.dist-info", True),
        (b"usr/lib/python3/x-1.0.dist-info/licenses/L", True),
        (b"opt/conda/conda-meta/a.json", True),
        (b"opt/xdist-info/a", False),
        (b"app/package.json", False),
        (b"app/named/package.json", True),
    ],
)
def test_what_is_a_record(path: bytes, stays: bool) -> None:
    assert is_record(path, {b"app/named/package.json"}) is stays


def test_what_is_a_licence() -> None:
    for path in (b"usr/share/doc/a/copyright", b"a/LICENSE", b"a/COPYING.LIB", b"a/licence.txt"):
        assert is_licence(path)
    for path in (b"a/README", b"licenses.py/x", b"copyrights/x"):
        assert not is_licence(path)


def test_stanzas_go_and_all_else_is_the_same_bytes() -> None:
    status = (
        b"Package: a\nVersion: 1\nArchitecture: amd64\n\nPackage: a\nVersion: 1\n"
        b"Architecture: i386\n\nPackage: b\nDescription: x\n Package: a\n .\n\n"
    )
    one, other, last, _ = status.split(b"\n\n")
    assert without_stanzas(status, {("a", "1", "i386")}) == b"\n\n".join((one, last, b""))
    assert without_stanzas(status, {("a", "1", None)}) == last + b"\n\n"
    assert without_stanzas(status, {("b", None, None)}) == b"\n\n".join((one, other, b""))
    assert without_stanzas(status, {("c", None, None)}) == status
    assert without_stanzas(status[:-1], {("b", None, None)}) == b"\n\n".join((one, other)) + b"\n"


@given(st.binary(max_size=300))
def test_stanzas_of_anything(content: bytes) -> None:
    assert without_stanzas(content, {("no such", None, None)}) == content
    assert len(without_stanzas(content, {("", None, None)})) <= len(content) + 1
