"""Ignore files: what each line says, read as Docker reads it.

Source: github.com/moby/patternmatcher, package ignorefile (`ReadAll`), at 5a6d842 (2026-03-24).
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOM = b"\xef\xbb\xbf"


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
    """Why no builder takes the file: a build with it fails.

    Attributes:
        line: its number, from 1.
        text: the line as written.
        reason: in a few words.
    """

    line: int
    text: str
    reason: str


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
    """Read an ignore file; any bytes, nothing raises."""
    patterns: list[Pattern] = []
    comments: list[tuple[int, str]] = []
    for number, line in _lines(data):
        if line.startswith("#"):
            comments.append((number, line))
            continue
        found = _pattern(number, line)
        if found is not None:
            patterns.append(found)
    return IgnoreFile(tuple(patterns), tuple(comments))


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(data.removeprefix(_BOM).split(b"\n"), 1):
        yield number, line.removesuffix(b"\r").decode("utf-8", "surrogateescape")


def _pattern(number: int, line: str) -> Pattern | None:
    written = line.strip()
    is_exception = written.startswith("!")
    glob = written.removeprefix("!").strip()
    if not written:
        return None
    if glob:
        glob = posixpath.normpath(glob)
        if len(glob) > 1:
            glob = glob.removeprefix("/")
    return Pattern(number, line, glob, is_exception)
