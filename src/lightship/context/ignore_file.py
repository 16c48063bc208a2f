"""Ignore files: what each line says, read as Docker reads it.

Source: github.com/moby/patternmatcher, package ignorefile (`ReadAll`), at 5a6d842 (2026-03-24).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from lightship.context.compiling import Compiled
from lightship.context.expression import Kind
from lightship.context.glob_syntax import syntax_fault
from lightship.context.go_text import clean, trim

if TYPE_CHECKING:
    from collections.abc import Sequence

_BOM = b"\xef\xbb\xbf"
_LONGEST = 64 * 1024
_SHOWN = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Pattern(Struct, frozen=True):
    """A line that leaves something out of the build context, or lets it in again.

    Attributes:
        line: its number, from 1.
        text: the line as written, without its end.
        glob: what it matches, cleaned, without `!`; surrogate escapes for bytes that are no UTF-8.
        is_exception: whether it began with `!`: what matches is let in.
    """

    line: int
    text: str
    glob: str
    is_exception: bool

    @property
    def cleaned(self) -> str:
        """The pattern as a builder holds it."""
        return "!" + self.glob if self.is_exception else self.glob


class Refusal(Struct, frozen=True):
    """Why a build with the file fails.

    Attributes:
        line: its number, from 1.
        text: the line as written.
        reason: in a few words.
        builders: the names of those that fail; empty if all do.
    """

    line: int
    text: str
    reason: str
    builders: tuple[str, ...] = ()


class IgnoreFile(Struct, frozen=True):
    """An ignore file, read.

    Attributes:
        patterns: in their order; the last one that matches decides.
        comments: lines that begin with `#`, by their number.
        refusal: the first line that a build fails for; None for a file that builders take.
    """

    patterns: tuple[Pattern, ...] = ()
    comments: tuple[tuple[int, str], ...] = ()
    refusal: Refusal | None = None


def read_ignore_file(data: bytes) -> IgnoreFile:
    """Read an ignore file; any bytes, nothing raises.

    A line that is too long fails a build with Docker alone, and is read on behind. One that is no
    plain path is not read at all, and counts as failing every build.
    """
    lines: list[_Line] = []
    comments: list[tuple[int, str]] = []
    too_long = None
    for number, line in enumerate(data.split(b"\n"), 1):
        if len(line) >= _LONGEST:
            too_long = too_long or _too_long(number, line)
            if not _is_readable(line):
                too_long = _too_long(number, line)
                break
        # Only there is the mark no letter.
        line_bytes = line.removeprefix(_BOM) if number == 1 else line
        text = line_bytes.removesuffix(b"\r").decode("utf-8", "surrogateescape")
        if text.startswith("#"):
            comments.append((number, text))
        elif read := _read(text):
            lines.append(_Line(number, text, read))
    patterns = tuple(found for line in lines if (found := _pattern(line)))
    if too_long is not None and not too_long.builders:
        return IgnoreFile(patterns, tuple(comments), too_long)
    refusal = _malformed(patterns) or _broken(patterns) or too_long or _unsendable(lines)
    return IgnoreFile(patterns, tuple(comments), refusal)


def _is_readable(long: bytes) -> bool:
    """Whether a line of any length is read at once: a comment, or a path without wildcards."""
    return long.startswith(b"#") or not any(letter in long for letter in b"*?[\\")


def _too_long(number: int, line: bytes) -> Refusal:
    text = line[:_SHOWN].decode("utf-8", "surrogateescape")
    builders = ("buildkit", "legacy") if _is_readable(line) else ()
    return Refusal(number, text, f"has {len(line)} bytes: 65535 are the most", builders)


class _Line(NamedTuple):
    """A line that says something, and what Docker's reader makes of it."""

    number: int
    text: str
    read: str


def _read(text: str) -> str:
    """A line after the reader; empty if it says nothing (`ignorefile.ReadAll`)."""
    read = trim(text)
    negation = "!" if read.startswith("!") else ""
    glob = trim(read.removeprefix("!"))
    if glob:
        glob = clean(glob)
        if len(glob) > 1:
            glob = glob.removeprefix("/")
    return negation + glob


def _pattern(line: _Line) -> Pattern | None:
    """A line as the matcher holds it (`patternmatcher.New`)."""
    read = trim(line.read)
    if not read:
        return None
    cleaned = clean(read)
    return Pattern(line.number, line.text, cleaned.removeprefix("!"), cleaned.startswith("!"))


def _malformed(patterns: Sequence[Pattern]) -> Refusal | None:
    for pattern in patterns:
        fault = syntax_fault(pattern.glob) if pattern.glob else "is a lone !"
        if fault is not None:
            return Refusal(pattern.line, pattern.text, fault)
    return None


def _broken(patterns: Sequence[Pattern]) -> Refusal | None:
    """Docker compiles a pattern when it first tries it: a build fails where a path comes so far."""
    has_plain = False
    for pattern in patterns:
        # An exception is only tried on what an earlier line leaves out.
        has_plain = has_plain or not pattern.is_exception
        may_be_broken = any(letter in pattern.glob for letter in "\\[{")
        if has_plain and may_be_broken and Compiled(pattern.glob).kind is Kind.BROKEN:
            return Refusal(pattern.line, pattern.text, "is no valid pattern once it is a regexp")
    return None


def _unsendable(lines: Sequence[_Line]) -> Refusal | None:
    """BuildKit sends patterns as header fields of gRPC, which takes no control characters.

    Its words: "header key ... contains value with non-printable ASCII characters". All fields are
    encoded, and fine, if one of them has a letter beyond ASCII (session/filesync at 73ed682).
    """
    if not all(line.read.isascii() for line in lines):
        return None
    for line in lines:
        if _CONTROL.search(line.read):
            reason = "has a control character, which BuildKit cannot send"
            return Refusal(line.number, line.text, reason, ("buildkit",))
    return None
