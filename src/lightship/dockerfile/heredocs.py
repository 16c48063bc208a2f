"""Which here-documents a line opens."""

from __future__ import annotations

import re

from lightship.dockerfile.lexer import LexError, TooDeepError, lex
from lightship.dockerfile.tree import Heredoc

_OPENING = re.compile(r"([0-9]*)<<(-?)[\t\n\f\r ]*([^<]*)")
_MOST_DIGITS = 20
_LARGEST_DESCRIPTOR = 2**64 - 1


def heredocs_in(joined: str) -> list[Heredoc]:
    """The here-documents that a RUN, COPY or ADD opens, in order; their places are still 0.

    BuildKit looks for them in words, so one without a blank before it (`cat<<EOF`) is none, and a
    line whose quotes do not close has none.

    Raises:
        LexError: BuildKit could not read the name of one.
    """
    try:
        words = lex(joined, raw_quotes=True, raw_escapes=True)
    except TooDeepError:
        raise
    except LexError:
        return []
    opened = (_OPENING.fullmatch(word) for word in words)
    found = (_heredoc(match) for match in opened if match is not None)
    return [heredoc for heredoc in found if heredoc is not None]


def _heredoc(opening: re.Match[str]) -> Heredoc | None:
    digits, dash, rest = opening.groups()
    if not rest:
        return None
    names = lex(rest, raw_quotes=False, raw_escapes=False)
    if len(names) != 1:
        return None
    raw = lex(rest, raw_quotes=True, raw_escapes=False)
    if len(raw) != 1:
        raise LexError("the name of a here-document cannot be read")
    digits = digits.lstrip("0")
    descriptor = int(digits or 0) if len(digits) <= _MOST_DIGITS else _LARGEST_DESCRIPTOR
    return Heredoc(
        name=names[0],
        # Only quotes count: `<<\EOF` is expanded, other than in a shell.
        expands=_quotes(names[0]) == _quotes(raw[0]),
        strips_tabs=bool(dash),
        descriptor=min(descriptor, _LARGEST_DESCRIPTOR),
        start=0,
        end=0,
        terminator_end=0,
    )


def _quotes(text: str) -> int:
    return text.count("'") + text.count('"')
