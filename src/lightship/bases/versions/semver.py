"""Semantic versions, as npm and Go have them (semver.org, 2.0.0, section 11).

A leading `v` is no part of one, and what follows `+` does not count.
"""

from __future__ import annotations

import re

from lightship.bases.versions.numbers import Number, checked, number

_VERSION = re.compile(r"v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z.-]+))?(?:\+.*)?")
_Identifier = tuple[int, int, str]
_RELEASED: tuple[_Identifier, ...] = ((9, 0, ""),)


def key(version: str) -> tuple[tuple[Number, ...], tuple[_Identifier, ...]]:
    """A key that orders like the version.

    Raises:
        ValueError: it is no semantic version.
    """
    found = _VERSION.fullmatch(checked(version))
    if found is None:
        raise ValueError("no semantic version")
    before = found[4]
    identifiers = tuple(map(_identifier, before.split("."))) if before else _RELEASED
    return tuple(number(digits or "0") for digits in found.group(1, 2, 3)), identifiers


def _identifier(text: str) -> _Identifier:
    return (0, *number(text)) if text.isdecimal() and text.isascii() else (1, 0, text)
