"""The smaller sibling of a base that the catalogue has no row of."""

from __future__ import annotations

from datetime import date

import pytest

from lightship.bases.known import known_bases
from lightship.bases.sibling import sibling_row

KNOWN = known_bases(None, date(2026, 11, 25))


def test_a_full_release_has_a_slim_one_with_the_same_language_and_c_library() -> None:
    row = sibling_row("python:3.11", KNOWN)
    assert row is not None
    assert (row.name, row.languages, row.libc) == ("python:3.11-slim", ("python",), "glibc")
    assert "wire_bytes" in row.rounded


@pytest.mark.parametrize(
    "name", ["python:3.13", "python:3.11-slim", "example.org/app:1", "scratch", ""]
)
def test_what_is_catalogued_or_small_or_not_known_has_none(name: str) -> None:
    assert sibling_row(name, KNOWN) is None
