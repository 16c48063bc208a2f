"""What is to be had instead of a base, and how long bases are supported."""

from __future__ import annotations

from datetime import date

import pytest

from lightship.bases.known import known_bases
from lightship.bases.newer import instead_of, newer_patch, next_release, smaller_sibling
from lightship.bases.support import support_of_row, support_of_system

_KNOWN = known_bases(None, date(2026, 11, 25))


@pytest.mark.parametrize(
    ("name", "newer"),
    [
        ("python:3.13.5-slim", "python:3.13.15-slim"),
        ("docker.io/library/python:3.13.5", "python:3.13.15"),
        ("python:3.13.15-slim", None),
        ("python:3.13.99", None),
        ("python:3.13-slim", None),
        ("python:slim", None),
        ("golang:1.26.1-alpine", "golang:1.26.8-alpine"),
        ("alpine:3.22.1", "alpine:3.22.6"),
        ("debian:12.5-slim", "debian:12.15-slim"),
        ("company/python:3.13.5", None),
        ("python:3.13.5rc1", None),
        (f"python:{'9' * 5000}", None),
        ("python:3.13.-slim", None),
    ],
)
def test_the_newest_patch_of_the_same_release(name: str, newer: str | None) -> None:
    found = newer_patch(name, _KNOWN)
    assert (found.name if found is not None else None) == newer


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("python:3.9-slim-buster", "python:3.11-slim-trixie"),
        ("python:3.9.7", "python:3.11"),
        ("python:3.13-slim-bookworm", "python:3.13-slim-trixie"),
        ("node:16-alpine3.14", "node:22-alpine3.22"),
        ("debian:bullseye-slim", "debian:trixie-slim"),
        ("debian:bookworm-20240101-slim", "debian:trixie-slim"),
        ("ubuntu:20.04", "ubuntu:22.04"),
        ("fedora:41", "fedora:44"),
        ("golang:1.20", "golang:1.26"),
        ("mcr.microsoft.com/dotnet/aspnet:7.0", "mcr.microsoft.com/dotnet/aspnet:10.0"),
        ("company/app:1-bookworm", "company/app:1-trixie"),
        ("python:3.13-slim", None),
        ("python:3.99", None),
        ("python", None),
        ("scratch", None),
    ],
)
def test_the_next_release_that_is_supported(name: str, instead: str | None) -> None:
    found = [one for one in instead_of(name, _KNOWN) if one.kind in ("release", "system")]
    assert [one.name for one in found] == ([instead] if instead is not None else [])
    assert all(one.support is not None and one.support.state != "ended" for one in found)


def test_a_release_that_ends_within_weeks_is_no_advice() -> None:
    moved = next_release("fedora:41", known_bases(None, date(2026, 6, 10)))
    assert moved is not None
    assert moved.name == "fedora:43"
    assert (
        moved.says == "support of Fedora Linux 41 ended on 2025-12-15; Fedora Linux 43 is supported"
    )


def test_the_smaller_sibling_with_the_bytes_of_both_where_they_are_known() -> None:
    known = smaller_sibling("python:3.13", _KNOWN)
    assert known is not None
    assert (known.name, known.wire_bytes) == ("python:3.13-slim", (412_872_069, 42_961_458))
    assert not known.is_example
    example = smaller_sibling("python:3.11", _KNOWN)
    assert example is not None
    assert example.is_example
    assert smaller_sibling("python:3.13-slim", _KNOWN) is None
    elsewhere = smaller_sibling("python:3.11", _KNOWN, "linux/arm64")
    assert elsewhere is not None
    assert elsewhere.wire_bytes is None


def test_support_by_others_is_named_separately() -> None:
    told = support_of_system("debian 12", _KNOWN)
    assert told is not None
    assert (told.state, told.days, str(told.extended)) == ("extended", -137, "2028-06-30")
    assert told.name == "Debian 12"


@pytest.mark.parametrize("system", ["arch", "wolfi", "busybox", "wolfi 20230201", "debian testing"])
def test_no_day_is_said_where_none_is_known(system: str) -> None:
    told = support_of_system(system, _KNOWN)
    assert told is not None
    assert (told.state, told.ends, told.days) == ("no date", None, None)
    assert told.why


def test_a_system_that_nobody_knows_is_unknown() -> None:
    assert support_of_system("templeos 5", _KNOWN) is None
    assert support_of_system("", _KNOWN) is None


def test_the_first_of_both_ends_counts() -> None:
    row = _KNOWN.find("node:24-slim")
    assert row is not None
    support = support_of_row(row, _KNOWN)
    assert support.system is not None
    assert support.product is not None
    assert support.days == support.system.days == -137
    assert support.product.days == 522


def test_days_of_the_last_day_itself_still_count() -> None:
    last = support_of_system("debian 13", known_bases(None, date(2028, 8, 9)))
    after = support_of_system("debian 13", known_bases(None, date(2028, 8, 10)))
    assert last is not None
    assert after is not None
    assert (last.state, last.days, after.state, after.days) == ("supported", 0, "ended", -1)


def test_dates_get_stale_too() -> None:
    old = support_of_system("debian 13", known_bases(None, date(2027, 11, 25)))
    assert old is not None
    assert old.stale == "it is 460 days old"
