"""rpm's ordering of versions (rpm-version(7); rpm.org, "Version comparison").

`[epoch:]version[-release]`. Each of the last two is segments of ASCII digits and of ASCII letters;
everything else only separates them, but for `~`, which sorts before the end, and `^`, which sorts
right after it. Numbers are newer than letters.

A version without a release is older than the same with one.
"""

from __future__ import annotations

import re

from lightship.bases.versions.numbers import Number, checked, number

_SEGMENT = re.compile(r"[0-9]+|[A-Za-z]+|[~^]")
_SIGNS = {"~": 0, "^": 2}
_END, _LETTERS, _NUMBER = 1, 3, 4
_Part = tuple[tuple[int, int, str], ...]


def key(version: str) -> tuple[Number, _Part, _Part]:
    """A key that orders like the version.

    Raises:
        ValueError: it is empty, or longer than any version.
    """
    epoch, colon, rest = checked(version).partition(":")
    if not (colon and (not epoch or (epoch.isdecimal() and epoch.isascii()))):
        epoch, rest = "", version
    upstream, dash, release = rest.rpartition("-")
    return number(epoch), _part(upstream if dash else rest), _part(release if dash else "")


def _part(text: str) -> _Part:
    return (*map(_rank, _SEGMENT.findall(text)), (_END, 0, ""))


def _rank(segment: str) -> tuple[int, int, str]:
    if segment in _SIGNS:
        return _SIGNS[segment], 0, ""
    if segment[0].isdigit():
        return (_NUMBER, *number(segment))
    return _LETTERS, 0, segment
