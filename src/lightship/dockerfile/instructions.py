"""One joined line to an instruction: keyword, flags, arguments, JSON form, ONBUILD."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

from lightship.dockerfile.lines import SPACES
from lightship.dockerfile.tree import Flag, Instruction, Joined, Problem
from lightship.dockerfile.variables import misnamed

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
JSON_KEYWORDS = frozenset(
    ("ADD", "CMD", "COPY", "ENTRYPOINT", "HEALTHCHECK", "RUN", "SHELL", "VOLUME")
)
HEREDOC_KEYWORDS = frozenset(("RUN", "COPY", "ADD"))
_WHITE = "\t\v\f\r "
_WORD = re.compile(rf"[^{_WHITE}]+")
# Before a flag BuildKit looks at bytes, and takes two for blanks that are no characters.
_BLANKS = re.compile(rf"[{_WHITE}\udc85\udca0]*")
_HEALTH_TYPE = re.compile(r"[^\t\v\f\r ]+[\t\v\f\r ]*")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_DEEPEST = 8  # ONBUILD in ONBUILD is refused by BuildKit; reading it must only not recurse forever.


def read_instruction(
    joined: Joined, start: int, line: int, escape: str = "\\", depth: int = 0
) -> Instruction:
    """Read what stands in `joined` from `start` on."""
    text = joined.text
    start = _skip(text, start)
    end = max(start, len(text.rstrip(SPACES)))
    word = _WORD.match(text, start, end)
    keyword_end = word.end() if word else start
    flags, value_start = _flags(text, keyword_end, end, escape)
    value_start = min(_skip(text, value_start), end)
    keyword = _keyword(text[start:keyword_end])
    inner = None
    if keyword == "ONBUILD" and value_start < end and depth < _DEEPEST:
        inner = read_instruction(joined, value_start, line, escape, depth + 1)
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
        value_end=end,
        json=_strings(_array(keyword, text[value_start:end])),
        inner=inner,
    )


def problems_of(instruction: Instruction, escape: str = "\\") -> Iterator[Problem]:
    """What BuildKit refuses about an instruction on its own, or reads in a way nobody means."""
    line, keyword = instruction.line, instruction.keyword
    if keyword not in KEYWORDS:
        yield Problem(line, f"unknown instruction {keyword[:40]!r}")
    if instruction.json is None and _array(keyword, instruction.value) is not None:
        yield Problem(line, f"the JSON form of {keyword} holds something that is no string")
    if keyword in ("ENV", "LABEL"):
        message = misnamed(instruction.value, escape)
        if message is not None:
            yield Problem(line, f"{keyword}: {message}")
    if keyword == "FROM":
        words = _WORD.findall(instruction.value)
        if len(words) != 1 and not (len(words) == 3 and words[1].lower() == "as"):
            yield Problem(line, "FROM takes an image, or an image AS a name")
    if keyword == "HEALTHCHECK":
        kind = _WORD.match(instruction.value)
        if kind is None or kind[0].upper() not in ("CMD", "NONE"):
            yield Problem(line, "HEALTHCHECK is neither CMD nor NONE")
    for flag in instruction.flags:
        if not instruction.joined.text.isascii() and not f"{flag.name}{flag.value}".isascii():
            yield Problem(line, f"--{flag.name[:40]} is not ASCII, and BuildKit reads bytes there")
    if instruction.inner is not None:
        yield from problems_of(instruction.inner, escape)


def _keyword(word: str) -> str:
    """In capitals, as Go's strings.ToLower tells them apart."""
    if word.isascii():
        return word.upper()
    lower = word.replace("\u0130", "i").lower()
    return lower.upper() if lower.isascii() else word


def _skip(text: str, position: int) -> int:
    size = len(text)
    while position < size and text[position] in SPACES:
        position += 1
    return position


def _flags(text: str, position: int, end: int, escape: str) -> tuple[tuple[Flag, ...], int]:
    """The leading words that begin with `--`, and where the arguments begin."""
    flags: list[Flag] = []
    while True:
        blanks = _BLANKS.match(text, position, end)
        position = blanks.end() if blanks else position
        if not text.startswith("--", position, end):
            return tuple(flags), position
        start = position
        word, position = _flag_word(text, position, end, escape)
        if word == "--":
            return tuple(flags), position
        name, equals, value = word.removeprefix("--").partition("=")
        flags.append(Flag(name, value if equals else None, start, position))


def _flag_word(text: str, position: int, end: int, escape: str) -> tuple[str, int]:
    """One word of a flag without its quotes, and where it ends."""
    parts: list[str] = []
    quote = ""
    while position < end:
        char = text[position]
        if not quote and char in _WHITE:
            break
        position += 1
        if char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif char == escape:
            parts.append(text[position : min(position + 1, end)])
            position += 1
        else:
            parts.append(char)
    return "".join(parts), min(position, end)


def _array(keyword: str, value: str) -> list[object] | None:
    """The JSON array that the arguments are; None if they are none, which is the shell form."""
    if keyword not in JSON_KEYWORDS:
        return None
    if keyword == "HEALTHCHECK" and (kind := _HEALTH_TYPE.match(value)):
        value = value[kind.end() :].lstrip(SPACES)
    if not value.startswith("["):
        return None
    try:
        read = json.loads(value, parse_float=_number, parse_int=_number, parse_constant=_constant)
    except RecursionError:
        # Go reads ten times as deep. No array in an array is a valid form.
        return [[]]
    except ValueError:
        return None
    return read if isinstance(read, list) else None


def _number(digits: str) -> float:
    """A number that fits Go's float64."""
    value = float(digits)
    if math.isinf(value):
        raise ValueError(digits[:40])
    return value


def _constant(name: str) -> float:
    """`NaN` and the like are no JSON, but Python reads them."""
    raise ValueError(name)


def _strings(array: list[object] | None) -> tuple[str, ...] | None:
    if array is None:
        return None
    strings = tuple(part for part in array if isinstance(part, str))
    if len(strings) != len(array):
        return None
    return tuple(
        part if part.isascii() else _LONE_SURROGATE.sub("\ufffd", part) for part in strings
    )
