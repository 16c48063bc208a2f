"""What is asked of package indexes: who has a library or a program, what installing adds."""

from __future__ import annotations

import pytest

from bases.indexes.made import APK_MAIN, apk_index, read
from lightship.bases.indexes.index import Indexes, IndexFile, PackageIndex
from lightship.bases.indexes.indexed import IndexedPackage
from lightship.catalogue.package_names import debian_packages_of, release_of

DEBIAN = b"""Package: libpq5
Version: 15.1
Size: 10

Package: libpq5
Version: 15.10
Size: 30

Package: git
Version: 1:2.39
Size: 5
Depends: less | pager, libpq5, nothing-has-this

Package: less
Version: 1
Size: 1
Provides: pager

Package: base-files
Version: 12.4+deb12u5
"""


def named(index: PackageIndex, soname: str) -> tuple[str, bool] | None:
    found = index.provider_of_library(soname)
    return (found.package.name, found.is_certain) if found is not None else None


def test_alpine_names_its_libraries_and_programs() -> None:
    index = PackageIndex((read(apk_index(APK_MAIN)),))
    assert named(index, "libpq.so.5") == ("libpq", True)
    assert named(index, "libpq.so.6") is None
    found = index.provider_of_program("/usr/bin/git")
    assert found is not None
    assert (found.package.name, found.is_certain) == ("git", True)
    assert index.provider_of_program("libpq") is None
    assert index.package_count == 5


def test_the_cost_has_what_is_needed_once_and_without_what_is_there() -> None:
    index = PackageIndex((read(apk_index(APK_MAIN)),))
    cost = index.cost(["libpq", "git"], ["musl"])
    assert cost.packages == ("libpq", "git", "openssl-libs")
    assert cost.download_bytes == 150000 + 3000000 + 700000
    assert cost.installed_bytes == 400000 + 12000000 + 2000000
    assert index.cost(["libpq"]).packages == ("libpq", "musl", "openssl-libs")
    assert index.cost(["git"], ["git"]).packages == ()


def test_debian_goes_by_the_newest_and_by_names_until_a_list_of_files_is_there() -> None:
    packages = read(DEBIAN)
    index = PackageIndex((packages,))
    newest = index.package("libpq5")
    assert newest is not None
    assert newest.version == "15.10"
    assert named(index, "libpq.so.5") == ("libpq5", False)
    by_name = index.provider_of_program("less")
    assert by_name is not None
    assert not by_name.is_certain
    contents = read(b"usr/lib/libpq.so.5 libs/libpq5\nusr/bin/lessecho text/less\n")
    both = Indexes((packages, contents)).of("debian 12", "dpkg")
    assert both is not None
    assert named(both, "libpq.so.5") == ("libpq5", True)
    assert both.provider_of_program("less") is None
    echo = both.provider_of_program("lessecho")
    assert echo is not None
    assert (echo.package.name, echo.is_certain) == ("less", True)


def test_alternatives_that_are_there_cost_nothing_and_what_nobody_has_is_told() -> None:
    index = PackageIndex((read(DEBIAN),))
    cost = index.cost(["git"], ["libpq5", "less"])
    assert (cost.packages, cost.unmet) == (("git",), ("nothing-has-this",))
    assert index.cost(["git"]).packages == ("git", "less", "libpq5")


def test_dependencies_in_a_circle_end() -> None:
    a, b = IndexedPackage("a", "1", 1, 1, "b"), IndexedPackage("b", "1", 1, 1, "a")
    index = PackageIndex((IndexFile(name="x", format="apk", packages=(a, b)),))
    assert index.cost(["a"]).packages == ("a", "b")


def test_alpine_is_whole_with_main_and_community_only() -> None:
    main = read(apk_index(APK_MAIN))
    community = read(apk_index("P:x\nV:1\n", "community v3.24.0"))
    older = read(apk_index("P:x\nV:1\n", "community v3.20.0"))
    whole = Indexes((main, community)).of("alpine 3.24", "apk")
    part = Indexes((main, older)).of("alpine 3.24", "apk")
    assert whole is not None
    assert part is not None
    assert (whole.is_whole, part.is_whole) == (True, False)


def test_an_index_of_another_release_is_no_answer() -> None:
    indexes = Indexes((read(DEBIAN),))
    assert indexes.of("debian 13", "dpkg") is None
    assert indexes.of("alpine 3.24", "apk") is None
    untold = Indexes((read(b"Package: x\nVersion: 1\n"),)).of("debian 13", "dpkg")
    assert untold is not None
    assert untold.system is None


@pytest.mark.parametrize(
    ("versions", "system"),
    [
        ({"base-files": "13.8+deb13u1"}, "debian 13"),
        ({"base-files": "13ubuntu10.2"}, None),
        (
            {"base-files": "13ubuntu10", "ubuntu-release-upgrader-core": "1:24.04.16"},
            "ubuntu 24.04",
        ),
        ({"almalinux-release": "9.6-1.el9"}, "almalinux 9"),
        ({"alpine-base": "3.20.3-r0"}, "alpine 3.20"),
        ({"wolfi-base": "1-r7"}, "wolfi"),
        ({}, None),
    ],
)
def test_packages_tell_the_release(versions: dict[str, str], system: str | None) -> None:
    assert release_of(versions) == system


@pytest.mark.parametrize(
    ("soname", "package"),
    [
        ("libpq.so.5", "libpq5"),
        ("libz.so.1", "zlib1g"),
        ("libpcre2-8.so.0", "libpcre2-8-0"),
        ("libgcc_s.so.1", "libgcc-s1"),
        ("libstdc++.so.6", "libstdc++6"),
        ("libicuuc.so.72", "libicuuc72"),
        ("libssl.so.3", "libssl3t64"),
    ],
)
def test_debian_names_libraries_by_its_policy(soname: str, package: str) -> None:
    assert package in list(debian_packages_of(soname))


@pytest.mark.parametrize("soname", ["", "libx.so", "x", "lib.so.1", "lib" + "x" * 100_000])
def test_what_is_no_soname_has_no_package(soname: str) -> None:
    assert all("\n" not in name for name in debian_packages_of(soname))
    assert soname == "lib.so.1" or not list(debian_packages_of(soname))
