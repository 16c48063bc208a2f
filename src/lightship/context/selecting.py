"""What some patterns select of a folder: each with all below it, asked once a directory.

Sources: github.com/tonistiigi/fsutil, filter.go (`IncludePatterns`); github.com/moby/patternmatcher
for what a pattern matches. A pattern without wildcards is looked up; one that has only `*` and `?`
is held against one component each; all others are the matcher's.
"""

from __future__ import annotations

import posixpath
import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal, TypeAlias

from lightship.context.ignore_file import Pattern
from lightship.context.matching import Matcher
from lightship.context.wildcards import component
from lightship.dockerfile.lines import SPACES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_SPECIAL = re.compile(r"[*?\[\]^\\]")
_PLAIN = re.compile(r"(?:[^*?\[\]^\\]|\*(?!\*))*")


class Some:
    """What is selected of a directory of which not everything is."""

    __slots__ = ("_names", "_tests")

    def __init__(self, names: frozenset[str], tests: tuple[Callable[[str], object], ...]) -> None:
        self._names = names
        self._tests = tests

    def takes(self, name: str) -> bool:
        """Whether an entry of the directory is selected, by its last path component."""
        return name in self._names or any(test(name) for test in self._tests)


Below: TypeAlias = Literal["all", "none"] | Some
"""What is selected of a directory: everything below it, nothing below it, or some: then each of
its entries and each directory in it has to be asked for."""


class Selection:
    """Some patterns, from the root; no exception among them unless the first letter is `!`."""

    def __init__(self, patterns: Iterable[str]) -> None:
        read = [pattern for one in patterns if (pattern := _pattern(one)) is not None]
        self._names: dict[str, set[str]] = {}
        self._globs: dict[str, list[_Glob]] = {}
        self._above: set[str] = set()
        self._matcher = Matcher(read) if any(one.is_exception for one in read) else None
        if self._matcher is None:
            for pattern in read:
                self._add(pattern)
        self._last: tuple[str, Below] | None = None

    def below(self, directory: str) -> Below:
        """What is selected of a directory; empty for the root."""
        if self._last is None or self._last[0] != directory:
            self._last = (directory, self._below(directory))
        return self._last[1]

    def takes(self, path: str) -> bool:
        """Whether a path is selected."""
        directory, name = posixpath.split(path)
        below = self.below(directory)
        return below == "all" or (isinstance(below, Some) and below.takes(name))

    def _add(self, pattern: Pattern) -> None:
        if _SPECIAL.search(pattern.glob) is None:
            above, name = posixpath.split(pattern.glob)
            self._names.setdefault(above, set()).add(name)
        else:
            glob = _Plain(pattern.glob) if _PLAIN.fullmatch(pattern.glob) else _Any(pattern)
            above = glob.above
            self._globs.setdefault(above, []).append(glob)
        while above not in self._above:
            self._above.add(above)
            above = posixpath.dirname(above)

    def _below(self, directory: str) -> Below:
        if self._matcher is not None:
            return Some(frozenset(), (_walked(self._matcher, directory),))
        parts = directory.split("/") if directory else []
        tests: list[Callable[[str], object]] = []
        goes_on = directory in self._above
        above = ""
        for depth in range(len(parts) + 1):
            if depth < len(parts) and parts[depth] in self._names.get(above, ()):
                return "all"
            for glob in self._globs.get(above, ()):
                found = glob.below(directory, parts)
                if found == "all":
                    return "all"
                goes_on = goes_on or found != "none"
                if not isinstance(found, str):
                    tests.append(found)
            above = posixpath.join(above, parts[depth]) if depth < len(parts) else above
        names = frozenset(self._names.get(directory, ()))
        return Some(names, tuple(tests)) if names or goes_on else "none"


class _Glob(ABC):
    """A pattern with wildcards.

    Attributes:
        above: the directory that it stays in: what comes before its first wildcard.
    """

    above: str

    @abstractmethod
    def below(
        self, directory: str, parts: Sequence[str]
    ) -> Literal["all", "none", "deeper"] | Callable[[str], object]:
        """What it selects of a directory in `above`: a test of names, or what lies deeper."""


class _Plain(_Glob):
    """One that has only `*` and `?`: neither matches a slash."""

    def __init__(self, glob: str) -> None:
        parts = glob.split("/")
        fixed = next(at for at, part in enumerate(parts) if "*" in part or "?" in part)
        self.above = "/".join(parts[:fixed])
        self._fixed = fixed
        self._parts = [found for part in parts if (found := component(part)) is not None]

    def below(
        self, directory: str, parts: Sequence[str]
    ) -> Literal["all", "none", "deeper"] | Callable[[str], object]:
        del directory
        depth = min(len(parts), len(self._parts))
        if not all(self._parts[at].match(parts[at]) for at in range(self._fixed, depth)):
            return "none"
        if depth == len(self._parts):
            return "all"
        return self._parts[depth].match if depth + 1 == len(self._parts) else "deeper"


class _Any(_Glob):
    """One with `**`, classes or escapes."""

    def __init__(self, pattern: Pattern) -> None:
        self._matcher = Matcher([pattern])
        special = _SPECIAL.search(pattern.glob)
        self.above = pattern.glob[: special.start() if special else 0].rpartition("/")[0]

    def below(
        self, directory: str, parts: Sequence[str]
    ) -> Literal["all", "none", "deeper"] | Callable[[str], object]:
        del parts
        if directory and self._matcher.test(directory).ignored:
            return "all"
        return lambda name: self._matcher.test(posixpath.join(directory, name)).ignored


def refused(patterns: Iterable[str]) -> str | None:
    """The first pattern that a build fails for; None if there is none."""
    for one in patterns:
        pattern = _pattern(one)
        if pattern is not None and (not pattern.glob or component(pattern.glob) is None):
            return one
    return None


def _walked(matcher: Matcher, directory: str) -> Callable[[str], bool]:
    return lambda name: matcher.walked(posixpath.join(directory, name)).ignored


def _pattern(text: str) -> Pattern | None:
    """A pattern as patternmatcher.New reads it: blanks around it go, and it is cleaned again."""
    written = text.strip(SPACES)
    if not written:
        return None
    cleaned = posixpath.normpath(written)
    return Pattern(0, text, cleaned.removeprefix("!"), cleaned.startswith("!"))
