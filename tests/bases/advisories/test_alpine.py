import pytest

from bases.advisories.made import ALPINE, book, package, told
from lightship.bases.advisories.advisory import Ecosystem
from lightship.errors import CorruptInputError


def secdb(repository: str = "main", **packages: dict[str, list[str]]) -> dict[str, object]:
    return {
        "apkurl": "{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}.apk",
        "archs": ["x86_64"],
        "reponame": repository,
        "urlprefix": "https://dl-cdn.alpinelinux.org/alpine",
        "distroversion": "v3.20",
        "packages": [
            {"pkg": {"name": name, "secfixes": fixes}} for name, fixes in packages.items()
        ],
    }


OPENSSL = {"0": ["CVE-2022-1292"], "3.3.1-r1": ["CVE-2024-5535"], "3.3.2-r0": ["CVE-2024-6119"]}


def test_packages_are_found_by_their_origin() -> None:
    one = book(secdb(openssl=OPENSSL))
    found = told(one, ALPINE, package("libcrypto3", "3.3.1-r1", "openssl"))
    assert set(found) == {"CVE-2024-6119"}
    assert found["CVE-2024-6119"].fixed_version == "3.3.2-r0"
    assert found["CVE-2024-6119"].severity is None
    assert told(one, ALPINE, package("libcrypto3", "3.3.2-r0", "openssl")) == {}
    assert set(told(one, ALPINE, package("libcrypto3", "3.3.0-r2", "openssl"))) == {
        "CVE-2024-5535",
        "CVE-2024-6119",
    }


def test_other_names_behind_a_name_and_what_took_two_fixes() -> None:
    fixes = {"1.2-r0": ["CVE-2024-1 GHSA-aaaa XSA-1", " "], "1.2-r3": ["CVE-2024-1"]}
    found = told(book(secdb(x=fixes)), ALPINE, package("x", "1.2-r1"))
    assert {name: one.fixed_version for name, one in found.items()} == {"CVE-2024-1": "1.2-r3"}


def test_a_version_that_apk_would_not_take_leaves_it_open() -> None:
    found = told(book(secdb(x={"1.2-r0": ["CVE-1"]})), ALPINE, package("x", "nonsense"))
    assert found["CVE-1"].undetermined


def test_a_release_is_covered_by_its_own_files() -> None:
    assert not book(secdb()).covers(Ecosystem("apk", "alpine", "3.21"))
    assert not book(secdb()).covers(Ecosystem("apk", "wolfi"))


def test_one_repository_is_not_all_of_a_release() -> None:
    main, community = book(secdb("main")), book(secdb("community"))
    assert "repository community" in main.missing(ALPINE, [main])
    assert main.missing(ALPINE, [main, community]) == ""


def test_wolfi_has_no_releases() -> None:
    wolfi = {**secdb("os", x={"2-r0": ["CVE-1"]}), "urlprefix": "https://packages.wolfi.dev"}
    del wolfi["distroversion"]
    one = book(wolfi)
    ecosystem = Ecosystem("apk", "wolfi")
    assert told(one, ecosystem, package("x", "1-r9"))
    assert one.missing(ecosystem, [one]) == ""


def test_a_file_of_nobody() -> None:
    with pytest.raises(CorruptInputError, match="which distribution"):
        book({"packages": []})
