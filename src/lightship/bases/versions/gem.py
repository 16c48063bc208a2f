"""RubyGems' ordering of versions (Gem::Version of RubyGems' documentation).

Numbers and letters by turns. Letters sort before the end; zeros before letters or the end are worth
nothing.
"""

from __future__ import annotations

import re

from lightship.bases.versions.numbers import checked, number

_VERSION = re.compile(r"[0-9]+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?")
_SEGMENT = re.compile(r"[0-9]+|[A-Za-z]+")
_LETTERS, _END, _NUMBER = range(3)
_Token = tuple[int, int, str]


def key(version: str) -> tuple[_Token, ...]:
    """A key that orders like the version.

    Raises:
        ValueError: it is no version of a gem.
    """
    text = checked(version).strip()
    if not _VERSION.fullmatch(text):
        raise ValueError("no version of a gem")
    tokens: list[_Token] = []
    for segment in _SEGMENT.findall(text.replace("-", ".pre.")):
        if segment.isdigit():
            tokens.append((_NUMBER, *number(segment)))
        else:
            _without_zeros(tokens)
            tokens.append((_LETTERS, 0, segment))
    _without_zeros(tokens)
    return (*tokens, (_END, 0, ""))


def _without_zeros(tokens: list[_Token]) -> None:
    while tokens and tokens[-1] == (_NUMBER, 0, ""):
        tokens.pop()
