"""What ENV, ARG and LABEL set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.words import raw_words, unquoted

if TYPE_CHECKING:
    from lightship.dockerfile.tree import Instruction

_WHITE = re.compile(r"[\t\v\f\r ]+")


class Setting(Struct, frozen=True):
    """One `NAME=value`.

    Attributes:
        name: as written.
        value: without quotes, variables as written; None for an ARG without default.
        start, end: in the instruction's joined text.
    """

    name: str
    value: str | None
    start: int
    end: int


def settings_of(instruction: Instruction, escape: str = "\\") -> tuple[Setting, ...] | None:
    """What an ENV, ARG or LABEL sets, in order; None where BuildKit could not read it.

    `ENV NAME value with blanks` is the old form, with one name. Source: parseNameVal in
    moby/buildkit, frontend/dockerfile/parser/line_parsers.go.
    """
    value, offset = instruction.value, instruction.value_start
    words = raw_words(value, escape)
    is_argument = instruction.keyword == "ARG"
    if not words or (not is_argument and misnamed(value, escape) is not None):
        return None
    if not is_argument and "=" not in words[0][0]:
        name, rest = _WHITE.split(value, maxsplit=1)
        given = unquoted(rest, escape)
        return None if given is None else (Setting(name, given, offset, offset + len(value)),)
    settings = []
    for word, start, end in words:
        name, equals, rest = word.partition("=")
        plain, given = unquoted(name, escape), unquoted(rest, escape)
        if plain is None or given is None:
            return None
        settings.append(Setting(plain, given if equals else None, offset + start, offset + end))
    return tuple(settings)


def misnamed(value: str, escape: str = "\\") -> str | None:
    """Why the arguments of an ENV or LABEL name nothing; None if they do, or there are none."""
    words = raw_words(value, escape)
    if words and "=" not in words[0][0]:
        return None if _WHITE.search(value) else "a name without a value"
    lost = next((word for word, _, _ in words if "=" not in word), None)
    return None if lost is None else f"{lost[:40]!r} has no ="
