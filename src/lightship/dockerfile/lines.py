"""The lines of a file and what each may be, as BuildKit tells them apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What Go's unicode.IsSpace takes for a space; Python's str.strip takes more.
SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
DIRECTIVE = re.compile(
    rf"#[{SPACES}]*([a-zA-Z][a-zA-Z0-9]*)[ \t\n\f\r]*=[ \t\n\f\r]*(.+?)[ \t\n\f\r]*\Z"
)


def lines_of(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each line, its line feed included; a lone carriage return ends none."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield start, end
        start = end


def bare(line: str) -> str:
    """A line without its line end."""
    return line.rstrip("\r\n")


def is_comment(line: str) -> bool:
    """Whether a whole line is a comment, wherever it stands outside a here-document."""
    return line.lstrip(SPACES).startswith("#")


def is_empty(line: str) -> bool:
    """Whether there is nothing but blanks on it."""
    return not line.strip(SPACES)


def continued(line: str, escape: str) -> int:
    """How many characters of a line without line end count if it is continued; -1 if it is not.

    The escape character has to be the last that is no blank, and not stand behind another one.
    """
    end = len(line.rstrip(" \t"))
    if not end or line[end - 1] != escape:
        return -1
    return end - 1 if end == 1 or line[end - 2] != escape else -1
