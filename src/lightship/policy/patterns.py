"""Patterns for paths in an image.

`*` is any run of characters but `/`, `?` one of them, `[...]` one of a set; a part `**` is any
number of directories, none included. A pattern without `/` matches at any depth, any other one from
the root. What matches a directory matches everything in it.
"""

from __future__ import annotations

import fnmatch
import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import UsageError
from lightship.printable import decode_path

if TYPE_CHECKING:
    from collections.abc import Sequence

_ANY = "**"
_LONGEST = 1000
State = frozenset[tuple[int, int]]
"""Pairs of a pattern's number and how many of its parts are matched."""


class Pattern(Struct, frozen=True):
    """One pattern: as written, and its parts."""

    written: str
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read a pattern.

        Raises:
            UsageError: it is empty, too long, or names no path.
        """
        parts = [part for part in text.strip().split("/") if part not in ("", ".")]
        if len(text) > _LONGEST or not parts or ".." in parts or "\0" in text:
            raise UsageError(f"{text[:80]!r} is no pattern for paths", "Write '**/.git', '*.pem'.")
        if "/" not in text.strip().rstrip("/"):
            parts.insert(0, _ANY)
        if parts[-1] == _ANY:
            # Everything in a directory, but not the directory.
            parts.append("*")
        # Neighbours `**` say nothing more than one of them.
        kept = [p for at, p in enumerate(parts) if p != _ANY or parts[at - 1 : at] != [_ANY]]
        return cls(text.strip(), tuple(kept))


class Matcher:
    """Several patterns, matched one path component at a time."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = patterns
        self.start: State = self._closed({(number, 0) for number in range(len(patterns))})

    def step(self, state: State, name: bytes) -> tuple[State, int | None]:
        """Go on with a component: the new state, and the pattern that matches here, if one does."""
        text = decode_path(name)
        reached: set[tuple[int, int]] = set()
        matched: int | None = None
        for number, at in state:
            part = self.patterns[number].parts[at]
            if part == _ANY:
                reached.add((number, at))
            elif _regex(part).fullmatch(text):
                if at + 1 == len(self.patterns[number].parts):
                    matched = number if matched is None else min(matched, number)
                else:
                    reached.add((number, at + 1))
        return self._closed(reached), matched

    def match(self, path: bytes) -> tuple[bytes, int] | None:
        """The shortest leading part of a path that a pattern matches, and that pattern's number."""
        state, begun = self.start, 0
        while state:
            end = path.find(b"/", begun)
            state, matched = self.step(state, path[begun : end if end >= 0 else len(path)])
            if matched is not None:
                return (path if end < 0 else path[:end]), matched
            if end < 0:
                return None
            begun = end + 1
        return None

    def _closed(self, state: set[tuple[int, int]]) -> State:
        """`**` may also stand for no directory at all."""
        closed = set(state)
        for number, at in state:
            parts = self.patterns[number].parts
            while at < len(parts) and parts[at] == _ANY:
                at += 1  # noqa: PLW2901 # walks on from where the state is
                closed.add((number, at))
        return frozenset(closed)


@cache
def _regex(part: str) -> re.Pattern[str]:
    # The translation uses atomic groups: no pattern can make it go back and forth for long.
    return re.compile(fnmatch.translate(part))
