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


class _Ahead(Struct, frozen=True):
    """What can come after a state.

    Attributes:
        any_part: matches a name that some pattern goes on with; None where none does.
        otherwise: the state after any other name: only `**` goes on.
    """

    any_part: re.Pattern[str] | None
    otherwise: State


class Matcher:
    """Several patterns, matched one path component at a time."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = patterns
        self._known: dict[State, _Ahead] = {}
        self.start: State = self._closed({(number, 0) for number in range(len(patterns))})

    def step(self, state: State, name: bytes) -> tuple[State, int | None]:
        """Go on with a component: the new state, and the pattern that matches here, if one does."""
        ahead = self._known.get(state)
        if ahead is None:
            ahead = self._known[state] = self._ahead(state)
        text = name.decode("utf-8", "replace")
        # Nearly every name in an image matches nothing.
        if ahead.any_part is None or not ahead.any_part.fullmatch(text):
            return ahead.otherwise, None
        reached = set(ahead.otherwise)
        matched: int | None = None
        for number, at in state:
            parts = self.patterns[number].parts
            if parts[at] == _ANY or not _regex(parts[at]).fullmatch(text):
                continue
            if at + 1 == len(parts):
                matched = number if matched is None else min(matched, number)
            else:
                reached.add((number, at + 1))
        return self._closed(reached), matched

    def _ahead(self, state: State) -> _Ahead:
        parts = {self.patterns[number].parts[at] for number, at in state} - {_ANY}
        stays = {(n, at) for n, at in state if self.patterns[n].parts[at] == _ANY}
        joined = "|".join(_regex(part).pattern for part in sorted(parts))
        return _Ahead(re.compile(joined) if parts else None, self._closed(stays))

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
