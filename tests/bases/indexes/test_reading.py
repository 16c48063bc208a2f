"""Package indexes, told by their content and read within bounds."""

from __future__ import annotations

import gzip
import lzma
import subprocess
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bases.indexes.made import APK_MAIN, apk_index, debian_packages, read
from lightship.bases.indexes.indexed import IndexedPackage
from lightship.bases.indexes.reading import Elsewhere, read_index
from lightship.bases.indexes.unpacked import MAX_LINE_BYTES, lines
from lightship.errors import CorruptInputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPEC = """\
Name: tool
Epoch: 3
Version: 1.5
Release: 2
Summary: A tool
License: MIT
AutoReqProv: no
Requires: libshop.so.1()(64bit)
Requires: libshop.so.1(SHOP_1.0)(64bit)
Requires: (bash if zsh)
Requires: /bin/sh
Provides: tool-like = 1
Provides: libtool.so.2()(64bit)
%description
A tool.
%install
mkdir -p %{buildroot}/usr/bin
head -c 9000 /dev/zero > %{buildroot}/usr/bin/run-tool
%files
/usr/bin/run-tool
"""


def test_alpine_says_what_it_is_of_and_what_each_package_has() -> None:
    index = read(apk_index(APK_MAIN))
    assert (index.format, index.system, index.repository) == ("apk", "alpine 3.24", "main")
    by_name = {one.name: one for one in index.packages}
    assert by_name["libpq"] == IndexedPackage(
        "libpq",
        "17.5-r0",
        150000,
        400000,
        "so:libc.musl-x86_64.so.1 so:libssl.so.3",
        "so:libpq.so.5",
    )
    assert by_name["git"].requires == "openssl-libs"  # what it conflicts with is no need


def test_alpine_without_a_description_is_told_by_its_release_package() -> None:
    assert read(apk_index(APK_MAIN, None)).system == "alpine 3.24"


def test_alpine_community_is_told_by_its_description() -> None:
    index = read(apk_index("P:x\nV:1-r0\n\n", "community v3.22.0-1-gabc"))
    assert (index.system, index.repository) == ("alpine 3.22", "community")


def test_what_a_user_says_of_an_index_holds() -> None:
    assert read(apk_index("P:x\nV:1\n", None), "wolfi").system == "wolfi"


@pytest.mark.system("build-essential")
@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_debian_as_its_own_program_lists_real_archives(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    data = debian_packages(
        tmp_path,
        libpq5="Version: 1:16.2-1\nDepends: libc6 (>= 2.38), libssl3 | libssl1.1\n"
        "Pre-Depends: dpkg\nProvides: libpq (= 16), pq\nInstalled-Size: 7\n",
        base_files="Version: 13.8+deb13u1\n",
    )
    index = read(pack(data))
    assert (index.format, index.system) == ("dpkg", "debian 13")
    by_name = {one.name: one for one in index.packages}
    size = (tmp_path / "libpq5.deb").stat().st_size
    assert by_name["libpq5"] == IndexedPackage(
        "libpq5", "1:16.2-1", size, 7 * 1024, "dpkg libc6 libssl3|libssl1.1", "libpq pq"
    )


def test_a_list_of_files_says_where_libraries_and_programs_are() -> None:
    text = (
        b"usr/lib/x86_64-linux-gnu/libpq.so.5\t\t libs/libpq5\n"
        b"usr/lib/x86_64-linux-gnu/perl/5.40/x.so.1  perl/perl-base\n"
        b"usr/bin/git    vcs/git,non-free/vcs/git-other\n"
        b"usr/share/doc/git bin/it  doc/git-doc\n"
    )
    assert read(text).contents == {"so:libpq.so.5": ["libpq5"], "cmd:git": ["git", "git-other"]}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository as rpmbuild and createrepo_c write it."""
    folder = tmp_path_factory.mktemp("rpms")
    (folder / "tool.spec").write_text(SPEC)
    subprocess.run(
        ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {folder}", folder / "tool.spec"],
        check=True,
        capture_output=True,
    )
    subprocess.run(["createrepo_c", folder / "RPMS"], check=True, capture_output=True)
    return folder / "RPMS"


@pytest.mark.system("rpm", "createrepo-c")
def test_rpm_as_createrepo_writes_it(repository: Path) -> None:
    with pytest.raises(Elsewhere) as where:
        read((repository / "repodata/repomd.xml").read_bytes())
    index = read((repository / where.value.place).read_bytes())
    (rpm,) = repository.rglob("*.rpm")
    (package,) = index.packages
    assert index.format == "rpm"
    assert (package.name, package.version) == ("tool", "3:1.5-2")
    assert (package.download_bytes, package.installed_bytes) == (rpm.stat().st_size, 9000)
    assert set(package.requires.split()) == {"so:libshop.so.1", "cmd:sh"}
    assert {"so:libtool.so.2", "cmd:run-tool", "tool-like"} <= set(package.provides.split())


BOMB = b"""<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
<metadata xmlns="http://linux.duke.edu/metadata/common"><package><name>&b;</name></package>
</metadata>"""
PRIMARY = b'<metadata xmlns="http://linux.duke.edu/metadata/common">'


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (BOMB, "it has a document type"),
        (PRIMARY + b"<package><name>x</name>", "no XML"),
        (PRIMARY + b"<a>" * 100, "nested deeper"),
        (b'<?xml version="1.0" encoding="no-such"?>' + PRIMARY + b"</metadata>", "no XML"),
        (gzip.compress(b"Package: a\nVersion: 1\n" * 5000, mtime=0)[:200], "ends too soon"),
        (lzma.compress(b"Package: a\n" * 5000)[:-40], "ends too soon"),
        (b"\xfd7zXZ\0" + b"nonsense" * 20, "damaged xz"),
        (b"BZh91AY", "bzip2"),
        (b"\x04\x22\x4d\x18....", "lz4"),
        (b"", "nothing that is read here"),
        (b"<html>Not found</html>", "nothing that is read here"),
        (gzip.compress(b"\0" * 4096, mtime=0), "nothing that is read here"),
        (apk_index(APK_MAIN)[:-60], "ends too soon"),
        (b"Package: x\nDepends: " + b"y," * MAX_LINE_BYTES, "a line of more than"),
        (b'<r xmlns="http://linux.duke.edu/metadata/repo"/>', "does not say where"),
        (
            (
                b'<r xmlns="http://linux.duke.edu/metadata/repo"><data type="primary">'
                b'<location href="../../etc/passwd"/></data></r>'
            ),
            "does not say where",
        ),
    ],
    ids=count(),  # the data are no names
)
def test_what_is_broken_is_one_line(data: bytes, says: str) -> None:
    with pytest.raises(CorruptInputError) as problem:
        read(data)
    assert says in str(problem.value)
    assert "the package index index:" in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_tar_that_lies_about_a_member_is_no_more_than_its_bytes() -> None:
    data = bytearray(gzip.decompress(apk_index(APK_MAIN)))
    at = data.index(b"APKINDEX")
    data[at + 124 : at + 136] = b"77777777777\0"
    assert [one.name for one in read(bytes(data)).packages][:2] == ["libpq", "openssl-libs"]


@given(st.lists(st.binary(max_size=40)), st.sampled_from([b"", b"P:x\n", b"Package: x\n", PRIMARY]))
def test_whatever_is_given_nothing_else_is_raised(pieces: list[bytes], start: bytes) -> None:
    with suppress(CorruptInputError, Elsewhere):
        read_index("any", [start, *pieces])


@given(st.lists(st.binary(max_size=12)))
def test_lines_are_those_of_the_whole_however_it_is_cut(pieces: list[bytes]) -> None:
    whole = b"".join(pieces).split(b"\n")
    assert list(lines(pieces)) == (whole if whole[-1] else whole[:-1])
