"""What ENV, ARG and LABEL set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.words import split_words

if TYPE_CHECKING:
    from lightship.dockerfile.tree import Instruction


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
    words = split_words(value, escape)
    if not words:
        return None
    if instruction.keyword != "ARG" and "=" not in words[0].text:
        rest = value[words[0].end :].strip(" \t")
        start = len(value) - len(rest)
        return (Setting(words[0].text, rest, offset + words[0].start, offset + start + len(rest)),)
    settings = []
    for word in words:
        name, equals, given = word.text.partition("=")
        if not equals and instruction.keyword != "ARG":
            return None
        settings.append(
            Setting(name, given if equals else None, offset + word.start, offset + word.end)
        )
    return tuple(settings)
