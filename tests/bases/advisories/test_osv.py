"""Records of OSV: which versions they are about, under which name, how bad, and each once."""

from __future__ import annotations

import pytest

from bases.advisories.made import BOOKWORM, book, package, told
from lightship.bases.advisories.advisory import Advisory, Ecosystem
from lightship.bases.advisories.osv_ecosystems import (
    key_of,
    key_of_osv_name,
    osv_name_of,
)

PYPI = Ecosystem("python")
TOP = ("aliases", "related", "upstream", "withdrawn", "severity", "database_specific")
HIGH = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}]


def events(*pairs: tuple[str, str]) -> list[dict[str, object]]:
    return [{"type": "ECOSYSTEM", "events": [{kind: version} for kind, version in pairs]}]


def record(name: str, identity: str, ecosystem: str = "PyPI", **more: object) -> dict[str, object]:
    top = {key: more.pop(key) for key in TOP if key in more}
    affected = {"package": {"ecosystem": ecosystem, "name": name}, **more}
    return {"id": identity, "modified": "2026-01-01T00:00:00Z", "affected": [affected], **top}


def of(
    *records: dict[str, object], ecosystem: Ecosystem = PYPI, name: str = "x", version: str = "1.5"
) -> dict[str, Advisory]:
    return told(book({"vulns": list(records)}), ecosystem, package(name, version))


FIXED_TWICE = events(("introduced", "0"), ("fixed", "1.2"), ("introduced", "2.0"), ("fixed", "2.4"))


@pytest.mark.parametrize(
    ("ranges", "version", "answer"),
    [
        (FIXED_TWICE, "1.1.9", "1.2"),
        (FIXED_TWICE, "1.2", None),
        (FIXED_TWICE, "1.10", None),
        (FIXED_TWICE, "2.0rc1", None),
        (FIXED_TWICE, "2.0", "2.4"),
        (FIXED_TWICE, "2.4", None),
        (events(("fixed", "2.4"), ("introduced", "2.0")), "2.3", "2.4"),
        (events(("introduced", "1.0"), ("last_affected", "1.5")), "1.5", "no fix"),
        (events(("introduced", "1.0"), ("last_affected", "1.5")), "1.5.1", None),
        (events(("introduced", "0")), "99", "no fix"),
        (events(("introduced", "2")), "1", None),
        ([{"type": "GIT", "events": [{"introduced": "0"}]}], "1", None),
    ],
)
def test_ranges(ranges: object, version: str, answer: str | None) -> None:
    found = of(record("x", "CVE-2026-1", ranges=ranges), version=version)
    if answer is None:
        assert found == {}
    else:
        expected = None if answer == "no fix" else answer
        assert found["CVE-2026-1"].fixed_version == expected
        assert not found["CVE-2026-1"].undetermined


def test_versions_that_are_listed() -> None:
    listed = record("x", "CVE-2026-1", versions=["1.5", "1.6"], ranges=events(("introduced", "9")))
    assert of(listed)
    assert not of(listed, version="1.7")


@pytest.mark.parametrize(
    ("versions", "version", "answer"),
    [(["1.5"], "1.5", True), (["1.5"], "1.6", False), (None, "1.5", None)],
)
def test_where_versions_cannot_be_compared_only_a_list_answers(
    versions: list[str] | None, version: str, answer: bool | None
) -> None:
    ranges = events(("introduced", "0"), ("fixed", "2"))
    one = record("g:x", "CVE-2026-1", "Maven", versions=versions, ranges=ranges)
    found = of(one, ecosystem=Ecosystem("java"), name="g:x", version=version)
    undetermined = found["CVE-2026-1"].undetermined if found else False
    assert answer == (None if undetermined else bool(found))


def test_what_was_withdrawn_is_left_out() -> None:
    kept = record("x", "GHSA-1", ranges=events(("introduced", "0")))
    gone = record(
        "x", "GHSA-2", ranges=events(("introduced", "0")), withdrawn="2026-01-01T00:00:00Z"
    )
    assert set(of(kept, gone)) == {"GHSA-1"}


def test_one_vulnerability_by_several_names_counts_once() -> None:
    ranges = events(("introduced", "0"), ("fixed", "2"))
    found = of(
        record("x", "PYSEC-2026-1", aliases=["CVE-2026-1", "GHSA-1"], ranges=ranges),
        record("x", "GHSA-1", aliases=["CVE-2026-1"], ranges=ranges, severity=HIGH),
        record("x", "GHSA-3", aliases=["PYSEC-2026-3"], ranges=ranges),
        record("x", "PYSEC-2026-3", aliases=["GHSA-3"], ranges=ranges),
        record("x", "GHSA-2", related=["CVE-2026-1"], ranges=ranges),
    )
    assert {name: one.severity for name, one in found.items()} == {
        "CVE-2026-1": "high",
        "GHSA-3": None,
        "GHSA-2": None,
    }


def test_an_update_of_a_distribution_is_about_what_it_fixes() -> None:
    ranges = events(("introduced", "0"), ("fixed", "1:3.0.7-27.el9"))
    update = record(
        "openssl-libs",
        "ALSA-2026:1",
        "AlmaLinux:9",
        ranges=ranges,
        related=["CVE-2026-1", "CVE-2026-2"],
    )
    ecosystem = Ecosystem("rpm", "almalinux", "9")
    found = of(update, ecosystem=ecosystem, name="openssl-libs", version="1:3.0.7-6.el9_2")
    assert set(found) == {"CVE-2026-1", "CVE-2026-2"}
    assert not of(update, ecosystem=ecosystem, name="openssl-libs", version="1:3.0.7-27.el9")


def test_debian_and_its_names() -> None:
    one = record(
        "glibc",
        "DEBIAN-CVE-2023-4911",
        "Debian:12",
        ranges=events(("introduced", "0"), ("fixed", "2.36-9+deb12u3")),
        ecosystem_specific={"urgency": "not yet assigned"},
    )
    other = book({"vulns": [one]})
    found = told(other, BOOKWORM, package("libc6", "2.36-9+b1", "glibc", "2.36-9"))
    assert found["CVE-2023-4911"].fixed_version == "2.36-9+deb12u3"
    assert not other.covers(Ecosystem("dpkg", "debian", "13", "trixie"))


@pytest.mark.parametrize(
    ("more", "level"),
    [
        ({"severity": HIGH}, "high"),
        ({"database_specific": {"severity": "MODERATE"}}, "medium"),
        ({"severity": [{"type": "Ubuntu", "score": "negligible"}]}, "negligible"),
        ({"ecosystem_specific": {"severity": "Important"}, "severity": HIGH}, "high"),
        ({"severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}]}, None),
        ({"database_specific": "nonsense", "ecosystem_specific": ["x"]}, None),
        ({"database_specific": {"severity": 5}}, None),
    ],
)
def test_levels(more: dict[str, object], level: str | None) -> None:
    found = of(record("x", "CVE-2026-1", "PyPI", ranges=events(("introduced", "0")), **more))
    assert found["CVE-2026-1"].severity == level


def test_python_names_are_the_same_in_all_their_spellings() -> None:
    one = record("Zope.Interface", "CVE-2026-1", ranges=events(("introduced", "0")))
    assert of(one, name="zope_interface")


@pytest.mark.parametrize(
    ("ecosystem", "key"),
    [
        ("Debian:12", ("debian", "12")),
        ("Debian", None),
        ("Ubuntu:24.04:LTS", ("ubuntu", "24.04")),
        ("Ubuntu:25.10", ("ubuntu", "25.10")),
        ("Ubuntu:Pro:18.04:LTS", None),
        ("Alpine:v3.20", ("alpine", "3.20")),
        ("Rocky Linux:9", ("rocky", "9")),
        ("Red Hat:enterprise_linux:9::baseos", ("rhel", "9")),
        ("Red Hat:rhel_eus:9.2::appstream", None),
        ("openSUSE:Leap 15.6", ("opensuse-leap", "15.6")),
        ("openSUSE:Tumbleweed", ("opensuse-tumbleweed", "")),
        ("Wolfi", ("wolfi", "")),
        ("PyPI", ("python", "")),
        ("Packagist:https://packages.drupal.org/8", None),
        ("", None),
    ],
)
def test_ecosystems(ecosystem: str, key: tuple[str, str] | None) -> None:
    assert key_of_osv_name(ecosystem) == key


@pytest.mark.parametrize(
    "ecosystem",
    [
        Ecosystem("dpkg", "debian", "12", "bookworm"),
        Ecosystem("dpkg", "ubuntu", "24.04"),
        Ecosystem("dpkg", "ubuntu", "25.04"),
        Ecosystem("apk", "alpine", "3.20"),
        Ecosystem("apk", "wolfi"),
        Ecosystem("rpm", "almalinux", "9"),
        Ecosystem("rpm", "opensuse-leap", "15.6"),
        Ecosystem("python"),
        Ecosystem("npm"),
    ],
)
def test_the_name_that_is_asked_for_is_the_name_that_is_read(ecosystem: Ecosystem) -> None:
    name = osv_name_of(ecosystem)
    assert name is not None
    assert key_of_osv_name(name) == key_of(ecosystem)


@pytest.mark.parametrize(
    "ecosystem",
    [Ecosystem("rpm", "fedora", "43"), Ecosystem("go"), Ecosystem("dpkg", "debian", "")],
)
def test_what_osv_has_no_name_for_is_not_asked(ecosystem: Ecosystem) -> None:
    assert osv_name_of(ecosystem) is None


def test_a_few_records_are_not_an_ecosystem() -> None:
    one = book({"vulns": [record("x", "CVE-2026-1")]})
    assert "only 1 records about PyPI" in one.missing(PYPI, [one])
