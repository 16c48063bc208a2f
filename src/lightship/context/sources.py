"""The words of a COPY, ADD or mount with variables filled in, as BuildKit reads them.

Source: moby/buildkit, frontend/dockerfile/parser/line_parsers.go (words end at blanks, also in
quotes) and frontend/dockerfile/shell/lex.go (`ProcessWord`; also in the JSON form).
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.words import expand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lightship.dockerfile.tree import Instruction

_BLANKS = re.compile(r"[\t\v\f\r ]+")
_HEREDOC = re.compile(r"[0-9]*<<-?[^<]+")
_LITERAL = re.compile(r"[^'\"$\\`]+")
_NAMED = re.compile(r"\$(?:\{([^\W\d]\w*)|([^\W\d]\w*))", re.ASCII)
_BRACES = re.compile(r"\$\{|\}")
_LONGEST = 65_535  # beyond it a builder reads no line either
_REMOTE = ("http://", "https://", "git@", "git://", "ssh://")


class Sources(Struct, frozen=True):
    """What an instruction takes from the context.

    Attributes:
        paths: from the root, cleaned, without a leading slash; `.` for everything.
        is_known: whether that is all: no variable without a value was in it.
    """

    paths: tuple[str, ...]
    is_known: bool = True


def sources_of(
    instruction: Instruction, values: Mapping[str, str | None], escape: str = "\\"
) -> Sources:
    """What a COPY or ADD takes; nothing for here-documents and addresses.

    Args:
        instruction: to read.
        values: of variables; one that is not in it, or None there, is not known.
        escape: the file's escape character.
    """
    words = _words(instruction)
    local = (word for word in words[:-1] if not word.lstrip("'\"").startswith(_REMOTE))
    return read_sources((word for word in local if not _HEREDOC.fullmatch(word)), values, escape)


def read_sources(
    words: Iterable[str], values: Mapping[str, str | None], escape: str = "\\"
) -> Sources:
    """Sources as they are written."""
    filled = [filled_word(word, values, escape) for word in words]
    known = (word for word in filled if word is not None and not word.startswith(_REMOTE))
    # A path that is named twice is asked for once.
    return Sources(tuple(dict.fromkeys(map(_cleaned, known))), None not in filled)


def filled_word(word: str, values: Mapping[str, str | None], escape: str = "\\") -> str | None:
    """A word without quotes and escapes, variables filled in; None if it is not known.

    Nor is one whose quotes or braces are not closed: a build fails there.
    """
    parts: list[str] = []
    size = 0
    for part in _parts(word, values, escape):
        if part is None:
            return None
        size += len(part)
        if size > _LONGEST:
            return None
        parts.append(part)
    return "".join(parts)


def _words(instruction: Instruction) -> tuple[str, ...]:
    if instruction.json is not None:
        return instruction.json
    return tuple(word for word in _BLANKS.split(instruction.value) if word)


def _cleaned(path: str) -> str:
    return posixpath.normpath("/" + path.lstrip("/"))[1:] or "."


def _parts(word: str, values: Mapping[str, str | None], escape: str) -> Iterator[str | None]:
    at, is_quoted = 0, False
    while at < len(word):
        if plain := _LITERAL.match(word, at):
            at = plain.end()
            yield plain[0]
            continue
        char = word[at]
        if char == '"':
            is_quoted = not is_quoted
            at += 1
        elif char == "$":
            end = _variable_end(word, at)
            yield _value(word[at:end], values) if end else None
            at = end or len(word)
        elif char == escape:
            after = word[at + 1 : at + 2]
            yield after if not is_quoted or after in ('"', "$", escape) else char + after
            at += 2
        elif char == "'" and not is_quoted:
            end = word.find("'", at + 1)
            yield word[at + 1 : end] if end >= 0 else None
            at = end + 1 or len(word)
        else:
            yield char
            at += 1
    if is_quoted:
        yield None


def _variable_end(word: str, at: int) -> int:
    """Where a variable ends; 0 if its brace is not closed."""
    if not word.startswith("${", at):
        named = _NAMED.match(word, at)
        return named.end() if named else at + 1
    depth = 0
    for found in _BRACES.finditer(word, at):
        depth += 1 if found[0] != "}" else -1
        if not depth:
            return found.end()
    return 0


def _value(text: str, values: Mapping[str, str | None]) -> str | None:
    names = [found[1] or found[2] for found in _NAMED.finditer(text)]
    if not names and text == "$":
        return text
    if not names or any(name not in values for name in names):
        return None
    return expand(text, values)
