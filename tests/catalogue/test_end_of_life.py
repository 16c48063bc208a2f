"""Releases that tags name, with the day on which their support ends."""

from __future__ import annotations

import pytest

from lightship.catalogue.end_of_life import releases_in
from lightship.catalogue.smaller_bases import smaller_bases


@pytest.mark.parametrize(
    ("image", "tag", "releases"),
    [
        ("python", "3.9-slim-buster", ["Python 3.9", "Debian 10"]),
        ("python", "3.9.7", ["Python 3.9"]),
        ("python", "3", []),
        ("python", "", []),
        ("node", "16-alpine3.14", ["Node.js 16", "Alpine Linux 3.14"]),
        ("debian", "bookworm-slim", ["Debian 12"]),
        ("debian", "12.5", ["Debian 12"]),
        ("ubuntu", "jammy-20240101", ["Ubuntu 22.04"]),
        ("eclipse-temurin", "17-jdk-jammy", ["Eclipse Temurin 17", "Ubuntu 22.04"]),
        ("mcr.microsoft.com/dotnet/sdk", "8.0", ["Microsoft .NET 8"]),
        ("company/base", "7-10", []),
        ("company/base", "1.0-buster", ["Debian 10"]),
    ],
)
def test_releases_that_a_tag_names(image: str, tag: str, releases: list[str]) -> None:
    assert [f"{one.product} {one.release}" for one in releases_in(image, tag)] == releases


def test_dates_are_those_of_the_source() -> None:
    (debian,) = releases_in("debian", "12")
    assert (str(debian.ends), str(debian.extended)) == ("2026-07-11", "2028-06-30")
    (centos,) = releases_in("centos", "7")
    assert (str(centos.ends), centos.extended) == ("2024-06-30", None)


def test_a_smaller_sibling_is_smaller_and_has_no_sibling_itself() -> None:
    for row in smaller_bases().values():
        full, small = row.example
        assert row.sibling(small) is None
        assert row.wire_bytes is None or row.wire_bytes[1] < row.wire_bytes[0]
        if row.image != "tomcat":
            assert row.sibling(full) is not None
