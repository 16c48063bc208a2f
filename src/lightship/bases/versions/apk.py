"""apk's ordering of versions (apk-package(5) of apk-tools 3, the field `version`).

`number{.number}...{letter}{_suffix{number}}...{~hash}{-r#}`. A number after the first that begins
with a zero is compared as text, as Gentoo's are, whose versions apk's once were.
"""

from __future__ import annotations

import re

from lightship.bases.versions.numbers import checked, number

_VERSION = re.compile(
    r"(?P<first>[0-9]+)(?P<others>(?:\.[0-9]+)*)(?P<letter>[a-z]?)"
    r"(?P<suffixes>(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*)"
    r"(?:~(?P<commit>[0-9a-f]+))?(?:-r(?P<build>[0-9]+))?",
    re.ASCII,
)
_SUFFIX = re.compile(r"_([a-z]+)([0-9]*)", re.ASCII)
_BEFORE = ("alpha", "beta", "pre", "rc")
_AFTER = ("cvs", "svn", "git", "hg", "p")
# What may come next, by how new it makes a version that is the same up to there.
_PRE, _END, _BUILD, _COMMIT, _SUFFIX_NUMBER, _POST, _LETTER, _NUMBER = range(8)
_Token = tuple[int, int, str]


def key(version: str) -> tuple[_Token, ...]:
    """A key that orders like the version.

    Raises:
        ValueError: apk would not take it.
    """
    found = _VERSION.fullmatch(checked(version))
    if found is None:
        raise ValueError("no version of apk")
    tokens: list[_Token] = [(_NUMBER, *number(found["first"]))]
    tokens += map(_later_number, found["others"].split(".")[1:])
    if found["letter"]:
        tokens.append((_LETTER, 0, found["letter"]))
    for name, digits in _SUFFIX.findall(found["suffixes"]):
        before = name in _BEFORE
        order = _BEFORE if before else _AFTER
        tokens.append((_PRE if before else _POST, order.index(name), ""))
        if digits:
            tokens.append((_SUFFIX_NUMBER, *number(digits)))
    if found["commit"]:
        tokens.append((_COMMIT, 0, found["commit"]))
    if found["build"]:
        tokens.append((_BUILD, *number(found["build"])))
    return (*tokens, (_END, 0, ""))


def _later_number(digits: str) -> _Token:
    return (_NUMBER, 0, digits) if digits.startswith("0") else (_NUMBER, *number(digits))
