"""One joined line to an instruction: keyword, flags, arguments, JSON form, ONBUILD."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from lightship.dockerfile.lines import SPACES
from lightship.dockerfile.tree import Flag, Instruction, Joined, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYWORDS = frozenset(
    {
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    }
)
JSON_KEYWORDS = frozenset(("RUN", "CMD", "ENTRYPOINT", "SHELL", "VOLUME", "COPY", "ADD"))
HEREDOC_KEYWORDS = frozenset(("RUN", "COPY", "ADD"))
_WORD = re.compile(r"[^\t\v\f\r ]+")
_WHITE = re.compile(r"[\t\v\f\r ]+")
_DEEPEST = 8  # ONBUILD in ONBUILD is refused by BuildKit; reading it must only not recurse forever.


def read_instruction(joined: Joined, start: int, line: int, depth: int = 0) -> Instruction:
    """Read what stands in `joined` from `start` on."""
    text = joined.text
    start = _skip(text, start)
    word = _WORD.match(text, start)
    keyword_end = word.end() if word else start
    white = _WHITE.match(text, keyword_end)
    flags, value_start = _flags(text, white.end() if white else len(text))
    value_start = _skip(text, value_start)
    value_end = max(value_start, len(text.rstrip(SPACES)))
    keyword = text[start:keyword_end].upper()
    inner = None
    if keyword == "ONBUILD" and value_start < value_end and depth < _DEEPEST:
        inner = read_instruction(joined, value_start, line, depth + 1)
    return Instruction(
        keyword=keyword,
        start=0,
        end=0,
        line=line,
        end_line=line,
        joined=joined,
        keyword_start=start,
        keyword_end=keyword_end,
        flags=flags,
        value_start=value_start,
        value_end=value_end,
        json=_json(text[value_start:value_end]) if keyword in JSON_KEYWORDS else None,
        inner=inner,
    )


def problems_of(instruction: Instruction) -> Iterator[Problem]:
    """What BuildKit refuses about an instruction on its own."""
    keyword = instruction.keyword
    if keyword not in KEYWORDS:
        yield Problem(instruction.line, f"unknown instruction {keyword[:40]!r}")


def _skip(text: str, position: int) -> int:
    size = len(text)
    while position < size and text[position] in SPACES:
        position += 1
    return position


def _flags(text: str, position: int) -> tuple[tuple[Flag, ...], int]:
    """The leading words that begin with `--`, and where the arguments begin."""
    flags: list[Flag] = []
    while True:
        position = _skip(text, position)
        if not text.startswith("--", position):
            return tuple(flags), position
        start = position
        word, position = _flag_word(text, position)
        if word == "--":
            return tuple(flags), position
        name, equals, value = word.removeprefix("--").partition("=")
        flags.append(Flag(name, value if equals else None, start, position))


def _flag_word(text: str, position: int) -> tuple[str, int]:
    """One word of a flag without its quotes, and where it ends."""
    parts: list[str] = []
    quote = ""
    size = len(text)
    while position < size:
        char = text[position]
        if not quote and char in SPACES:
            break
        position += 1
        if char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif char == "\\":
            parts.append(text[position : position + 1])
            position += 1
        else:
            parts.append(char)
    return "".join(parts), min(position, size)


def _json(value: str) -> tuple[str, ...] | None:
    """The strings of a JSON array; None for anything else, which is the shell form."""
    if not value.startswith("["):
        return None
    try:
        read = json.loads(value)
    except (ValueError, RecursionError):
        return None
    if isinstance(read, list) and all(isinstance(part, str) for part in read):
        return tuple(read)
    return None
