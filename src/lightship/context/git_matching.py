"""Lines of a `.gitignore`, read and matched as git does.

Sources: gitignore(5); git's dir.c (`add_patterns_from_buffer`, `parse_path_pattern`,
`match_pathname`) and wildmatch.c, version 2.39.
"""

from __future__ import annotations

import itertools
import re
import string
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BOM = b"\xef\xbb\xbf"
_SPECIAL = b"*?[\\"
_ALL = frozenset(range(256))
_POSIX = {
    name: frozenset(characters.encode())
    for name, characters in {
        "alnum": string.ascii_letters + string.digits,
        "alpha": string.ascii_letters,
        "blank": " \t",
        "cntrl": "".join(map(chr, range(32))) + "\x7f",
        "digit": string.digits,
        "graph": string.ascii_letters + string.digits + string.punctuation,
        "lower": string.ascii_lowercase,
        "print": string.ascii_letters + string.digits + string.punctuation + " ",
        "punct": string.punctuation,
        "space": string.whitespace,
        "upper": string.ascii_uppercase,
        "xdigit": string.hexdigits,
    }.items()
}


class One(NamedTuple):
    """One byte of a set, never `/`.

    Attributes:
        bytes: the set.
        is_literal: whether it was written as this byte itself.
    """

    bytes: frozenset[int]
    is_literal: bool = False


class Mark(Enum):
    """What is no single byte."""

    STAR = "*"
    """Anything within a name."""
    DEEP = "**/"
    """Any directories, also none."""
    REST = "**"
    """At the end: anything, whatever the depth."""
    SLASH = "/"


Token: TypeAlias = One | Mark
ANY = One(_ALL - {ord("/")})


class GitLine(NamedTuple):
    """A line that says something, as it is written.

    Attributes:
        number: from 1.
        text: without its end and the blanks that git drops.
    """

    number: int
    text: bytes


class GitPattern:
    """One line, understood.

    Attributes:
        base: the directory it counts from, with `/` at its end; empty for the root.
        line: the line.
        is_exception: whether it began with `!`.
        only_directories: whether it ended in `/`.
        is_anchored: whether it matches paths from `base`; else names, at any depth below it.
        tokens: what it matches; None if that is nothing at all.
    """

    def __init__(self, line: GitLine, base: bytes = b"") -> None:
        self.line, self.base = line, base
        text = line.text
        self.is_exception = text.startswith(b"!")
        text = text.removeprefix(b"!")
        self.only_directories = text.endswith(b"/")
        if self.only_directories:
            text = text[:-1]
        self.is_anchored = b"/" in text
        self.tokens = _tokens(text.removeprefix(b"/") if self.is_anchored else text,
                              self.is_anchored)  # fmt: skip

    @cached_property
    def _compiled(self) -> re.Pattern[bytes]:
        return re.compile(expression(self.tokens or ()), re.DOTALL)

    def matches(self, path: bytes, *, is_directory: bool) -> bool:
        """Whether it names that path itself, from the root; not what is above it."""
        if self.tokens is None or (self.only_directories and not is_directory):
            return False
        if not path.startswith(self.base):
            return False
        inner = path[len(self.base) :]
        name = inner if self.is_anchored else inner.rpartition(b"/")[2]
        return self._compiled.fullmatch(name) is not None


def read_gitignore(data: bytes) -> Iterator[GitLine]:
    """Lines that say something; any bytes, nothing raises."""
    for number, line in enumerate(data.removeprefix(_BOM).split(b"\n"), 1):
        text = line.removesuffix(b"\r")
        if not text.startswith(b"#"):
            text = _without_blanks(text.partition(b"\0")[0])
            if text:
                yield GitLine(number, text)


def _without_blanks(text: bytes) -> bytes:
    """Blanks at the end go, unless a backslash stands before."""
    kept = text.rstrip(b" ")
    backslashes = len(kept) - len(kept.rstrip(b"\\"))
    return text[: len(kept) + 1] if backslashes % 2 and len(kept) < len(text) else kept


def _tokens(text: bytes, is_path: bool) -> tuple[Token, ...] | None:
    """The parts of a pattern; None for one that matches nothing."""
    literal = next((at for at, byte in enumerate(text) if byte in _SPECIAL), len(text))
    found: list[Token] = []
    at = 0
    while at < len(text):
        byte = text[at]
        if byte == ord("*"):
            stars = at
            while at < len(text) and text[at] == ord("*"):
                at += 1
            # git compares what stands before the first wildcard by itself, and what follows as if
            # it began there: `a**/b` is `a`, then `**/b`.
            begins = stars == literal or text[stars - 1] == ord("/")
            if is_path and at - stars > 1 and begins and text[at : at + 1] in (b"", b"/"):
                found.append(Mark.DEEP if at < len(text) else Mark.REST)
                at += 1
            elif not (found and found[-1] is Mark.STAR):
                found.append(Mark.STAR)
        elif byte == ord("["):
            chosen = _class(text, at + 1)
            if chosen is None or not chosen[0]:
                return None
            found.append(One(chosen[0]))
            at = chosen[1]
        elif byte == ord("?"):
            found.append(ANY)
            at += 1
        else:
            if byte == ord("\\"):
                at += 1
                if at == len(text):
                    return None
            found.append(Mark.SLASH if text[at] == ord("/") else One(frozenset([text[at]]), True))
            at += 1
    return None if _never(found) else tuple(found)


def _class(text: bytes, at: int) -> tuple[frozenset[int], int] | None:
    """The set that begins after a `[`, and where it ends; None for one that git refuses."""
    negated = text[at : at + 1] in (b"!", b"^")
    at += negated
    chosen: set[int] = set()
    before = 0
    first = True
    while first or text[at : at + 1] != b"]":
        first = False
        if at >= len(text):
            return None
        byte = text[at]
        following = text[at + 1 : at + 2]
        if byte == ord("\\"):
            at += 1
            if at >= len(text):
                return None
            before = text[at]
            chosen.add(before)
        elif byte == ord("-") and before and following not in (b"", b"]"):
            at += 1
            if text[at] == ord("\\"):
                at += 1
                if at >= len(text):
                    return None
            chosen.update(range(before, text[at] + 1))
            before = 0
        elif byte == ord("[") and following == b":":
            end = text.find(b"]", at + 2)
            if end < 0:
                return None
            if end > at + 2 and text[end - 1] == ord(":"):
                named = _POSIX.get(text[at + 2 : end - 1].decode("latin-1"))
                if named is None:
                    return None
                chosen |= named
                at, before = end, 0
            else:
                chosen.add(byte)
                before = byte
        else:
            chosen.add(byte)
            before = byte
        at += 1
    return frozenset((_ALL - chosen if negated else chosen) - {ord("/")}), at + 1


def _never(tokens: Sequence[Token]) -> bool:
    """Whether a name would have to be empty, `.` or `..`."""
    name: list[Token] = []
    for token in (*tokens, Mark.SLASH):
        if token is Mark.SLASH:
            if _written(name) in (b"", b".", b".."):
                return True
            name = []
        elif name or token is not Mark.DEEP:
            name.append(token)
    return False


def _written(name: Sequence[Token]) -> bytes | None:
    """A name without wildcards; None for one with any."""
    letters = [min(one.bytes) for one in name if isinstance(one, One) and one.is_literal]
    return bytes(letters) if len(letters) == len(name) else None


def expression(tokens: Sequence[Token]) -> bytes:
    """A regular expression for a whole path.

    What lies between two `*` of a name, or between two `**/`, is best matched as early as it can
    be: so nothing is tried twice, and no pattern is slow.
    """
    ends = [at for at, token in enumerate(tokens) if token is Mark.DEEP]
    if not ends:
        return b"".join(_flat(tokens))
    parts = [*_flat(tokens[: ends[0]])]
    for begin, end in itertools.pairwise(ends):
        inner = b"".join(_flat(tokens[begin + 1 : end]))
        if inner:
            parts.append(b"(?>(?:[^/]*/)*?" + inner + b")")
    return b"".join((*parts, b"(?:.*/)?", *_flat(tokens[ends[-1] + 1 :])))


def _flat(tokens: Sequence[Token]) -> Iterator[bytes]:
    """Parts without `**/`."""
    marks = iter([token for token in tokens if isinstance(token, Mark)])
    following = next(marks, None)
    is_open = False
    for token in tokens:
        if isinstance(token, One):
            yield _set(token.bytes)
            continue
        following = next(marks, None)
        if is_open:
            yield b")"
            is_open = False
        if token is Mark.SLASH:
            yield b"/"
        elif token is Mark.REST:
            yield b".*"
        else:
            is_open = following is Mark.STAR
            yield b"(?>[^/]*?" if is_open else b"[^/]*"


def _set(chosen: frozenset[int]) -> bytes:
    if len(chosen) == 1:
        return re.escape(bytes(chosen))
    return b"[" + b"".join(b"\\x%02x-\\x%02x" % span for span in spans(chosen)) + b"]"


def spans(chosen: frozenset[int]) -> Iterator[tuple[int, int]]:
    """A set as first and last of what lies together."""
    ordered = sorted(chosen)
    first = ordered[0]
    for one, following in itertools.pairwise([*ordered, 999]):
        if following != one + 1:
            yield first, one
            first = following
