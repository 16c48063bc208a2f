"""C libraries by release, beside the one of this machine; musl's names, beside the real musl."""

from __future__ import annotations

import platform
import re
import subprocess
from pathlib import Path

import pytest

from lightship.analysis.elf_symbols import exported_names
from lightship.catalogue.base_images import base_images
from lightship.catalogue.c_libraries import c_libraries, c_library_of
from lightship.catalogue.musl_symbols import is_known, legacy_base, musl_symbols
from lightship.layers.captures import Content

MUSL = Path(f"/lib/ld-musl-{platform.machine()}.so.1")
# Distributions build it with more or fewer parts.
DEBIAN_ADDS = {b"fts_children", b"fts_close", b"fts_open", b"fts_read", b"fts_set"}
DEBIAN_LACKS = {b"crypt", b"crypt_r", b"encrypt", b"setkey"}


def test_every_row_says_where_it_is_from() -> None:
    for system, one in c_libraries().items():
        assert re.search(r"\b20\d\d-\d\d-\d\d\b", one.source) or not one.verified, system
        assert one.verified == ("not looked up" not in one.source), system
        assert re.fullmatch(r"[12]\.\d+(\.\d+)?", one.version), system
        assert re.fullmatch(r"3\.4\.\d+", one.libstdcxx or "3.4.1"), system


@pytest.mark.parametrize(
    ("system", "version"),
    [
        ("debian 12", "2.36"),
        ("debian 12.9", "2.36"),
        ("ubuntu 24.04", "2.39"),
        ("almalinux 9", "2.34"),
        ("rocky 10", "2.39"),
        ("ol 9", "2.34"),
        ("amzn 2", "2.26"),
        ("alpine 3.23.6", "1.2.5"),
        ("opensuse-leap 16.0", "2.40"),
        ("arch", None),
        ("wolfi", None),
        ("debian", None),
        ("", None),
        (None, None),
    ],
)
def test_a_release_by_the_names_that_rows_have(system: str | None, version: str | None) -> None:
    found = c_library_of(system)
    assert (found.version if found else None) == version


def test_rows_of_bases_that_are_known_agree_about_the_library() -> None:
    for row in base_images():
        found = c_library_of(row.system)
        # A static image has no library, whatever its packages are from.
        if found is not None and row.libc not in {None, "none"}:
            assert found.libc == row.libc, row.name


@pytest.mark.system("libc-bin")
def test_this_machines_own_release() -> None:
    release = platform.freedesktop_os_release()
    found = c_library_of(f"{release['ID']} {release.get('VERSION_ID', '')}")
    if found is None:
        pytest.skip(f"{release['ID']} is not in the table")
    words = subprocess.run(["ldd", "--version"], capture_output=True, text=True, check=True).stdout
    assert words.splitlines()[0].split()[-1] == found.version


@pytest.mark.system("musl-tools")
@pytest.mark.skipif(platform.machine() != "x86_64", reason="other machines have a few more names")
def test_the_names_of_the_real_musl() -> None:
    said = subprocess.run([str(MUSL)], capture_output=True, text=True, check=False).stderr
    version = re.search(r"Version (\S+)", said)
    assert version is not None
    data = MUSL.read_bytes()
    real = set(exported_names(Content(memoryview(data), len(data)))) - DEBIAN_ADDS
    known = musl_symbols(version[1])
    assert real <= known
    rest = {name for name in known - real if legacy_base(name) is None}
    assert rest <= DEBIAN_LACKS


def test_old_names_for_large_files_stay() -> None:
    assert legacy_base(b"fopen64") == b"fopen"
    assert legacy_base(b"readdir64_r") == b"readdir_r"
    assert legacy_base(b"printf64") is legacy_base(b"64") is None
    assert b"fopen64" in musl_symbols("1.2.5")


def test_names_that_came_with_later_releases() -> None:
    assert b"statx" not in musl_symbols("1.2.4")
    assert b"statx" in musl_symbols("1.2.5")
    assert musl_symbols("1.1.24") == musl_symbols("1.2.3")
    assert musl_symbols() >= musl_symbols("1.2.5")
    assert is_known("1.2.5")
    assert not is_known("1.2.6")
    assert not is_known(None)
