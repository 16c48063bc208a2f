"""Debian's tracker: what each status means for a package of bookworm."""

import pytest

from bases.advisories.made import BOOKWORM, TRACKER, book, issue, package, release, told
from lightship.bases.advisories.advisory import Ecosystem
from lightship.errors import CorruptInputError


def test_a_bookworm_root_of_its_first_day() -> None:
    installed = [
        package("libc6", "2.36-9", "glibc"),
        package("libc-bin", "2.36-9+deb12u3", "glibc"),
        package("mount", "2.38.1-5+b1", "util-linux", "2.38.1-5"),
        package("libcurl4", "7.88.1-10+deb12u10", "curl"),
        package("liblzma5", "5.4.1-0.2", "xz-utils"),
        package("zlib1g", "1:1.2.13.dfsg-1", "zlib"),
        package("tar", "1.34+dfsg-1.2+deb12u1"),
        package("bash", "5.2.15-2+b2", "bash", "5.2.15-2"),
    ]
    found = {(one.id, one.package): one for one in book(TRACKER).found(BOOKWORM, installed)}
    assert set(found) == {
        ("CVE-2023-4911", "libc6"),
        ("CVE-2010-4756", "libc6"),
        ("CVE-2010-4756", "libc-bin"),
        ("CVE-2024-28085", "mount"),
        ("CVE-2023-45853", "zlib1g"),
        ("CVE-2005-2541", "tar"),
    }
    assert found["CVE-2023-4911", "libc6"].fixed_version == "2.36-9+deb12u3"
    assert found["CVE-2023-45853", "zlib1g"].fixed_version is None
    assert found["CVE-2023-45853", "zlib1g"].remark == "no advisory is planned"
    assert found["CVE-2005-2541", "tar"].severity == "negligible"


def test_the_sources_version_counts_not_the_binarys() -> None:
    tracker = book({"file": {"CVE-1": issue(bookworm=release("resolved", "1:5.44-4"))}})
    assert told(tracker, BOOKWORM, package("libmagic1", "5", "file", "1:5.44-3"))
    assert not told(tracker, BOOKWORM, package("libmagic1", "5", "file", "1:5.44-4"))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (release("undetermined"), (None, True, "")),
        (release("a status of tomorrow"), (None, True, "")),
        (release("open", urgency="end-of-life"), (None, False, "the package's support has ended")),
        (release("open", urgency="low**"), ("low", False, "")),
        (release("open", urgency="medium"), ("medium", False, "")),
    ],
)
def test_what_is_open(said: dict[str, object], expected: tuple[object, ...]) -> None:
    one = told(book({"x": {"CVE-1": issue(bookworm=said)}}), BOOKWORM, package("x", "1"))["CVE-1"]
    assert (one.severity, one.undetermined, one.remark) == expected
    assert one.fixed_version is None


def test_a_version_that_is_none_leaves_it_open() -> None:
    tracker = book({"x": {"CVE-1": issue(bookworm=release("resolved", "2"))}})
    assert told(tracker, BOOKWORM, package("x", "1" * 2000))["CVE-1"].undetermined


def test_only_the_images_own_release_counts() -> None:
    said = {"x": {"CVE-1": issue(trixie=release("open"), sid=release("open"))}}
    tracker = book({**said, **TRACKER})
    assert told(tracker, BOOKWORM, package("x", "1")) == {}
    assert not book(said).covers(BOOKWORM)
    assert not tracker.covers(Ecosystem("dpkg", "debian", "", "status"))
    assert not tracker.covers(Ecosystem("dpkg", "ubuntu", "24.04", "bookworm"))


def test_an_issue_that_is_broken_breaks_what_asks_for_it_alone() -> None:
    tracker = book({**TRACKER, "broken": {"CVE-1": {"releases": {"bookworm": 5}}}})
    assert told(tracker, BOOKWORM, package("tar", "1"))
    with pytest.raises(CorruptInputError, match="made: no advisories can be read of it: broken"):
        list(tracker.found(BOOKWORM, [package("broken", "1")]))
