"""Which pattern decides about a path: the path test, and what a walk from the root says.

Source: github.com/moby/patternmatcher at 5a6d842 (2026-03-24): `MatchesOrParentMatches`, and
`MatchesUsingParentResults`, which the walk uses and which differs.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.compiling import Compiled
from lightship.context.go_text import clean
from lightship.context.ignore_file import Pattern  # noqa: TC001 - a field's type

if TYPE_CHECKING:
    from collections.abc import Sequence


class Decision(Struct, frozen=True):
    """What is said about a path.

    Attributes:
        ignored: whether it stays out of the build context.
        pattern: the one that decides: the last that matches it, or a directory above it, and says
            so; None where none does.
    """

    ignored: bool
    pattern: Pattern | None


class State(Struct, frozen=True):
    """What a walk knows in a directory: the patterns found to match it.

    Attributes:
        matched: a bit for each pattern, the first the lowest; None at the root, of which nothing
            is known.
    """

    _matcher: Matcher
    matched: int | None

    def below(self, directory: str) -> State:
        """In a directory directly in this one, given by its path from the root."""
        _, matched = self._matcher.step(directory, self.matched)
        return State(self._matcher, matched)


class Matcher:
    """Patterns, compiled when first needed.

    Paths are from the context's root, with `/`, without a leading or final one, with surrogate
    escapes for bytes that are no UTF-8. A pattern that is `Kind.BROKEN` matches nothing: whoever
    wants to know that a build fails asks `IgnoreFile.refusal`.
    """

    def __init__(self, patterns: Sequence[Pattern], dockerfile: str | None = None) -> None:
        """Take patterns.

        Args:
            patterns: in their order.
            dockerfile: the path of the build's: the legacy builder is sent it whatever they say.
        """
        self.patterns = tuple(patterns)
        self.dockerfile = dockerfile

    @cached_property
    def compiled(self) -> tuple[Compiled, ...]:
        """One for each pattern."""
        return tuple(Compiled(pattern.glob) for pattern in self.patterns)

    @cached_property
    def has_exceptions(self) -> bool:
        """Whether a pattern begins with `!`."""
        return any(pattern.is_exception for pattern in self.patterns)

    def test(self, path: str) -> Decision:
        """By the path alone: a pattern that matches a directory above it matches it."""
        above = [path, *_above(path)]
        for pattern, compiled in zip(reversed(self.patterns), reversed(self.compiled), strict=True):
            if any(map(compiled.matches, above)):
                return Decision(not pattern.is_exception, pattern)
        return Decision(False, None)

    def walked(self, path: str) -> Decision:
        """As BuildKit's walk from the root decides; the path need not exist."""
        state = self.root()
        end = path.find("/")
        while end >= 0:
            state = state.below(path[:end])
            end = path.find("/", end + 1)
        return self.decide(path, state)

    def root(self) -> State:
        """Where a walk begins."""
        return State(self, None)

    def decide(self, path: str, state: State) -> Decision:
        """About what is directly in a directory, by a walk that came there."""
        ignored, _ = self.step(path, state.matched)
        return Decision(ignored, self.decisive(path, ignored=ignored))

    def decisive(self, path: str, *, ignored: bool) -> Pattern | None:
        """The last pattern that matches a path or a directory above, and says what became of it."""
        above = [path, *_above(path)]
        for pattern, compiled in zip(reversed(self.patterns), reversed(self.compiled), strict=True):
            if pattern.is_exception != ignored and any(map(compiled.matches, above)):
                return pattern
        return None

    def step(self, path: str, matched_above: int | None) -> tuple[bool, int]:
        """Whether a walk ignores a path, and the patterns it found to match it.

        A pattern is only tried where it would change the answer so far: one that was not tried
        does not count as matching below. (`MatchesUsingParentResults`.)

        Args:
            path: from the root.
            matched_above: what the directory's own step found; None directly in the root.
        """
        ignored = False
        matched = 0
        above = () if matched_above is not None else _above(path)
        known = matched_above or 0
        for index, pattern in enumerate(self.patterns):
            if not known >> index & 1:
                if pattern.is_exception != ignored:
                    continue
                compiled = self.compiled[index]
                if not compiled.matches(path) and not any(map(compiled.matches, above)):
                    continue
            matched |= 1 << index
            ignored = not pattern.is_exception
        return ignored, matched


def _above(path: str) -> list[str]:
    """The directories above a path, the highest first, as Go's `filepath.Dir` has them."""
    directory, slash, _ = path.rpartition("/")
    directory = clean(directory + slash)
    if directory == ".":
        return []
    parts = directory.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
