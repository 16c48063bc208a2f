"""Advisories and packages in the shape of the real ones, and what books say of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lightship.bases.advisories.advisory import Advisory, Ecosystem, Subject
from lightship.bases.advisories.reading import read_json

if TYPE_CHECKING:
    from lightship.bases.advisories.advisory import Book

BOOKWORM = Ecosystem("dpkg", "debian", "12", "bookworm")
ALPINE = Ecosystem("apk", "alpine", "3.20")


def package(name: str, version: str, source: str = "", source_version: str = "") -> Subject:
    return Subject(name, version, source or name, source_version or version)


def book(content: object) -> Book:
    return read_json("made", json.dumps(content).encode(), "2026-01-31")


def told(one: Book, ecosystem: Ecosystem, *subjects: Subject) -> dict[str, Advisory]:
    """By vulnerability; each must stand once a package."""
    assert one.covers(ecosystem)
    found = list(one.found(ecosystem, subjects))
    assert len({(advisory.id, advisory.package) for advisory in found}) == len(found)
    return {advisory.id: advisory for advisory in found}


def release(status: str, fixed: str | None = None, **more: str) -> dict[str, object]:
    """One release of an issue, as Debian's tracker exports it."""
    said: dict[str, object] = {
        "status": status,
        "repositories": {"bookworm": "1"},
        "urgency": "not yet assigned",
        **more,
    }
    return said if fixed is None else {**said, "fixed_version": fixed}


def issue(**releases: dict[str, object]) -> dict[str, object]:
    return {"description": "made", "scope": "local", "releases": releases}


# What Debian's security announcements of these years name (DSA-5514, 5650, 5523), and what its
# tracker says of the others.
TRACKER = {
    "glibc": {
        "CVE-2023-4911": issue(bookworm=release("resolved", "2.36-9+deb12u3")),
        "CVE-2010-4756": issue(bookworm=release("open", urgency="unimportant")),
    },
    "util-linux": {"CVE-2024-28085": issue(bookworm=release("resolved", "2.38.1-5+deb12u1"))},
    "curl": {"CVE-2023-38545": issue(bookworm=release("resolved", "7.88.1-10+deb12u4"))},
    "xz-utils": {"CVE-2024-3094": issue(bookworm=release("resolved", "0"))},
    "zlib": {"CVE-2023-45853": issue(bookworm=release("open", nodsa="not built", nodsa_reason=""))},
    "tar": {"CVE-2005-2541": issue(bookworm=release("open", urgency="unimportant"))},
}
