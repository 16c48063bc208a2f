"""Debian's ordering of versions (Debian Policy 5.6.12; deb-version(7)).

`[epoch:]upstream[-revision]`. Each of the last two is parts of no digits and parts of digits by
turns; a missing part is an empty one, which `~` sorts before and everything else after.
"""

from __future__ import annotations

import re

from lightship.bases.versions.numbers import Number, checked, number

_PARTS = re.compile(r"([^0-9]*)([0-9]*)")
_END = 0  # of a part of no digits: after `~`, before everything else
_Part = tuple[int | str, ...]


def key(version: str) -> tuple[Number, _Part, _Part]:
    """A key that orders like the version.

    Raises:
        ValueError: it is empty, or longer than any version.
    """
    epoch, colon, rest = checked(version).partition(":")
    if not (colon and epoch.isdecimal() and epoch.isascii()):
        epoch, rest = "", version
    upstream, dash, revision = rest.rpartition("-")
    return number(epoch), _part(upstream if dash else rest), _part(revision if dash else "")


def _part(text: str) -> _Part:
    # The last pair that is found is always the empty one at the end.
    pairs = _PARTS.findall(text)[:-1] or [("", "")]
    found: list[int | str] = []
    for letters, digits in pairs:
        found += map(_order, letters)
        found += (_END, *number(digits))
    return (*found, _END)


def _order(letter: str) -> int:
    if letter == "~":
        return -1
    return ord(letter) if letter.isascii() and letter.isalpha() else ord(letter) + 256
