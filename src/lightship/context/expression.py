r"""A pattern as Docker compiles it: how it is compared, and the Go regexp where it is one.

Source: github.com/moby/patternmatcher at 5a6d842, `Pattern.compile`, on Unix. Letters that mean
nothing in a pattern but something in a regexp pass through it (`\d`, `\Q`, `^`, `[:alpha:]`): so
the regexp's text is made first, letter by letter as there, and read then as Go reads it.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from lightship.context.go_text import with_invalid_marked

# Docker means to escape `|{}` as well: its table of bits has no room for them.
_ESCAPED = frozenset(".+()$")
_BOM = "\ufeff"

ONE_LEVEL = "[^/]*"
ANY_DEPTH = "(.*/)?"
ANYTHING = ".*"


class Kind(Enum):
    """How a pattern is compared with a path."""

    EXACT = "exact"
    PREFIX = "prefix"
    """`dir/**`: what begins with it."""
    SUFFIX = "suffix"
    """`**/name`, `**name`: what ends with it."""
    REGEXP = "regexp"
    BROKEN = "broken"
    """A regexp that Go does not compile: a build fails as soon as a path comes to it."""


class Translation(NamedTuple):
    """A pattern's kind, and its Go regexp, which only a regexp has."""

    kind: Kind
    regexp: str


def translate(glob: str) -> Translation:
    """The kind of a cleaned pattern without its `!`, and its Go regexp; never `BROKEN`."""
    # Go's scanner reads past a mark at the beginning.
    text = with_invalid_marked(glob).removeprefix(_BOM)
    parts = ["^"]
    kind = Kind.EXACT
    position = 0
    while position < len(text):
        begin = position
        letter = text[position]
        position += 1
        if letter == "*" and text.startswith("*", position):
            position += 1 + text.startswith("/", position + 1)
            if position < len(text):
                parts.append(ANY_DEPTH)
                kind = Kind.REGEXP
            elif kind is Kind.EXACT:
                kind = Kind.PREFIX
            else:
                parts.append(ANYTHING)
                kind = Kind.REGEXP
            if begin == 0:
                kind = Kind.SUFFIX
        elif letter in "*?[]":
            parts.append({"*": ONE_LEVEL, "?": "[^/]"}.get(letter, letter))
            kind = Kind.REGEXP
        elif letter == "\\" and position < len(text):
            parts.append(letter + text[position])
            position += 1
            kind = Kind.REGEXP
        else:
            parts.append("\\" + letter if letter in _ESCAPED else letter)
    if kind is not Kind.REGEXP:
        return Translation(kind, "")
    return Translation(kind, "".join(parts) + "$")
