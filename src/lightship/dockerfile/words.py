"""Words as BuildKit's own lexer splits them: for here-documents, ENV, ARG and LABEL.

Source: moby/buildkit, frontend/dockerfile/shell and frontend/dockerfile/parser. It is no shell: a
backslash escapes one character, `$` begins a variable, quotes keep blanks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.lines import SPACES

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]")
_MODIFIER = re.compile(r":?[-+?]|##?|%%?|//?")


class Word(Struct, frozen=True):
    """One word.

    Attributes:
        text: without quotes and escapes; variables as written.
        quoted: whether any of it was quoted or escaped.
        start, end: in the text that was split.
    """

    text: str
    quoted: bool
    start: int
    end: int


def split_words(text: str, escape: str = "\\") -> tuple[Word, ...] | None:
    """The words of a line; None where a quote or a brace is not closed."""
    words: list[Word] = []
    position, size = 0, len(text)
    while position < size:
        if text[position] in SPACES:
            position += 1
            continue
        start, quoted, parts = position, False, []
        while position < size and text[position] not in SPACES:
            taken = _piece(text, position, escape)
            if taken is None:
                return None
            end, part, is_quoted = taken
            parts.append(part)
            quoted = quoted or is_quoted
            position = end
        words.append(Word("".join(parts), quoted, start, position))
    return tuple(words)


def raw_words(text: str, escape: str = "\\") -> list[tuple[str, int, int]]:
    """The words of an ENV, ARG or LABEL with quotes and escapes as written, and where they stand.

    Source: parseWords in frontend/dockerfile/parser/line_parsers.go. Other than `split_words` it
    knows no variables, so that blanks in `${A:-a b}` split it. An escape character at the end of
    the text is dropped.
    """
    words = _RAW_WORDS[escape].finditer(text)
    kept = ((found[0] if found[1] is None else found[0][:-1], found) for found in words)
    return [(word, *found.span()) for word, found in kept if word]


def unquoted(text: str, escape: str = "\\") -> str | None:
    """A text without its quotes and escapes, variables and blanks as written.

    None where a quote or a brace is not closed.
    """
    parts: list[str] = []
    position = 0
    while position < len(text):
        taken = _piece(text, position, escape)
        if taken is None:
            return None
        position, part, _ = taken
        parts.append(part)
    return "".join(parts)


def _raw_words(escape: str) -> re.Pattern[str]:
    mark = re.escape(escape)
    plain = rf"[^{SPACES}'\"{mark}]+|{mark}.|'[^']*(?:'|\Z)"
    return re.compile(rf"(?:{plain}|\"(?:[^\"{mark}]|{mark}.)*(?:\"|\Z|(?={mark}\Z))|({mark})\Z)+")


_RAW_WORDS = {"\\": _raw_words("\\"), "`": _raw_words("`")}
_PLAIN = re.compile(rf"[^{re.escape(SPACES)}'\"$\\`]+")


def _piece(text: str, position: int, escape: str) -> tuple[int, str, bool] | None:
    """The next piece of a word: where it ends, its text, and whether it was quoted."""
    if plain := _PLAIN.match(text, position):
        return plain.end(), plain[0], False
    char = text[position]
    if char == "'":
        end = text.find("'", position + 1)
        return None if end < 0 else (end + 1, text[position + 1 : end], True)
    if char == '"':
        return _double(text, position + 1, escape)
    if char == "$":
        end = _dollar_end(text, position, escape)
        return None if end < 0 else (end, text[position:end], False)
    if char == escape:
        return min(position + 2, len(text)), text[position + 1 : position + 2], True
    return position + 1, char, False


def _double(text: str, position: int, escape: str) -> tuple[int, str, bool] | None:
    parts: list[str] = []
    while position < len(text):
        char = text[position]
        if char == '"':
            return position + 1, "".join(parts), True
        if char == "$":
            end = _dollar_end(text, position, escape)
            if end < 0:
                return None
            parts.append(text[position:end])
            position = end
            continue
        if char == escape and text[position + 1 : position + 2] in ('"', "$", escape):
            position += 1
            char = text[position]
        parts.append(char)
        position += 1
    return None


def _dollar_end(text: str, position: int, escape: str) -> int:
    """Where the variable that begins at `position` ends; -1 if its brace is never closed."""
    position += 1
    if text[position : position + 1] != "{":
        name = _NAME.match(text, position)
        return name.end() if name else position
    name = _NAME.match(text, position + 1)
    if name is None:
        return -1
    position = name.end()
    if text[position : position + 1] == "}":
        return position + 1
    modifier = _MODIFIER.match(text, position)
    if modifier is None:
        return -1
    return _closing(text, modifier.end(), escape)


def _closing(text: str, position: int, escape: str) -> int:
    depth = 1
    while position < len(text):
        char = text[position]
        if char == escape:
            position += 1
        elif char == "'":
            position = text.find("'", position + 1)
            if position < 0:
                return -1
        elif char == "$" and text[position + 1 : position + 2] == "{":
            depth += 1
            position += 1
        elif char == "}":
            depth -= 1
            if not depth:
                return position + 1
        position += 1
    return -1


_LONGEST_VALUE = 65_535
_VARIABLE = re.compile(
    r"""\\(.)|\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+])([^${}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))""",
    re.DOTALL,
)


def expand(text: str, values: Mapping[str, str | None]) -> str | None:
    """A word with its variables filled in; None if one has no value that is known.

    `$X`, `${X}`, `${X:-default}` and `${X:+other}` are filled in; a name that is not in `values` is
    empty, as BuildKit has it, and one whose value is None is not known. Nor is what grows beyond a
    line of a Dockerfile: `ENV A=$A$A` doubles it each time.
    """
    unknown = False
    size = 0

    def value(found: re.Match[str]) -> str:
        nonlocal size
        given = _value(found)
        size += len(given)
        return given if size <= _LONGEST_VALUE else ""

    def _value(found: re.Match[str]) -> str:
        nonlocal unknown
        if found[1] is not None:
            return found[1]
        known = values.get(found[2] or found[5], "")
        if known is None:
            unknown = True
            return ""
        operator, other = found[3] or "", found[4] or ""
        given = known != "" if ":" in operator else (found[2] or found[5]) in values
        if operator.endswith("-"):
            return known if given else other
        if operator.endswith("+"):
            return other if given else ""
        return known

    filled = _VARIABLE.sub(value, text)
    return None if unknown or size > _LONGEST_VALUE or "${" in filled else filled
