"""Ignore files: what each line says, read as Docker reads it.

Source: github.com/moby/patternmatcher, package ignorefile (`ReadAll`), at 5a6d842 (2026-03-24).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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

    A line that is too long ends the reading, as it ends Docker's.
    """
    patterns: list[Pattern] = []
    comments: list[tuple[int, str]] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if len(line) >= _LONGEST:
            text = line[:_SHOWN].decode("utf-8", "surrogateescape")
            refusal = Refusal(number, text, f"has {len(line)} bytes: 65535 are the most")
            return IgnoreFile(tuple(patterns), tuple(comments), refusal)
        if number == 1:
            line = line.removeprefix(_BOM)  # noqa: PLW2901 - only there is a mark no letter
        text = line.removesuffix(b"\r").decode("utf-8", "surrogateescape")
        if text.startswith("#"):
            comments.append((number, text))
            continue
        found = _pattern(number, text)
        if found is not None:
            patterns.append(found)
    return IgnoreFile(tuple(patterns), tuple(comments), refusal_of(patterns))


def _pattern(number: int, text: str) -> Pattern | None:
    """What a line says after both of Docker's readings: the file's, and the matcher's."""
    read = trim(text)
    if not read:
        return None
    negation = "!" if read.startswith("!") else ""
    glob = trim(read.removeprefix("!"))
    if glob:
        glob = clean(glob)
        if len(glob) > 1:
            glob = glob.removeprefix("/")
    again = trim(negation + glob)
    if not again:
        return None
    again = clean(again)
    return Pattern(number, text, again.removeprefix("!"), again.startswith("!"))


def refusal_of(patterns: Sequence[Pattern]) -> Refusal | None:
    """The first that a build fails for; one that all builders fail for before one of BuildKit's."""
    for pattern in patterns:
        fault = syntax_fault(pattern.glob) if pattern.glob else "is a lone !"
        if fault is not None:
            return Refusal(pattern.line, pattern.text, fault)
    has_plain = False
    for pattern in patterns:
        has_plain = has_plain or not pattern.is_exception
        # An exception is only tried on what an earlier line leaves out.
        if has_plain and _is_broken(pattern.glob):
            return Refusal(pattern.line, pattern.text, "is no valid pattern once it is a regexp")
    return _unsendable(patterns)


def _is_broken(glob: str) -> bool:
    return ("\\" in glob or "[" in glob) and Compiled(glob).kind is Kind.BROKEN


def _unsendable(patterns: Sequence[Pattern]) -> Refusal | None:
    """BuildKit sends patterns as header fields of gRPC.

    They are encoded if any has a letter beyond ASCII (session/filesync); else gRPC refuses control
    characters ("header key ... contains value with non-printable ASCII characters").
    """
    if not all(pattern.glob.isascii() for pattern in patterns):
        return None
    for pattern in patterns:
        if any(letter < " " or letter == "\x7f" for letter in pattern.glob):
            reason = "has a control character, which BuildKit cannot send"
            return Refusal(pattern.line, pattern.text, reason, ("buildkit",))
    return None
