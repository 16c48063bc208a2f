"""What becomes of a path with each builder: what its patterns say, and where it does not look.

Sources: BuildKit, github.com/tonistiigi/fsutil `filter.go`; the legacy builder,
github.com/moby/go-archive `archive.go` (`Tarballer.Do`, as docker/cli 28 uses it); buildah,
`copier/copier.go` (`copierHandlerGet`, 1.28 as well as June 2026).
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Protocol

from lightship.context.buildah import BuildahWays
from lightship.context.legacy import LegacyWays

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.builders import Builder
    from lightship.context.matching import Decision, Matcher

_DEEPEST = 100
"""Directories above a path that are asked about one by one; each costs as much as all above it."""

_WILD = frozenset("*[]?^\\")


class Ways(Protocol):
    """How a builder goes through a context."""

    def decision(self, path: str) -> Decision:
        """What its patterns say about a path it looks at."""

    def skips(self, directory: str) -> bool:
        """Whether it does not look into a directory, once that is ignored."""


class BuildKitWays:
    """It looks into an ignored directory if an exception may reach below it."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        reached = [
            one.glob.removesuffix("/**").removesuffix("/*")
            for one in matcher.patterns
            if one.is_exception
        ]
        self._anywhere = any(not _WILD.isdisjoint(one) for one in reached)
        self._reached = tuple(one + "/" for one in reached)

    def decision(self, path: str) -> Decision:
        """By the patterns' results for each directory above it."""
        return self._matcher.walked(path)

    def skips(self, directory: str) -> bool:
        """Not if an exception has a wildcard, or begins with the directory."""
        below = directory + "/"
        return not self._anywhere and not any(one.startswith(below) for one in self._reached)


def ways_of(builder: Builder, matcher: Matcher) -> Ways:
    """How a builder goes through a context with these patterns."""
    if builder == "legacy":
        return LegacyWays(matcher)
    if builder == "buildah":
        return BuildahWays(matcher)
    return BuildKitWays(matcher)


def decided(matcher: Matcher, builder: Builder, path: str) -> Decision:
    """What becomes of a path, also if nothing is there; `path` as `Matcher` takes it.

    Below an ignored directory that the builder does not look into, what decided about that
    directory decides. The legacy builder is sent its Dockerfile and `.dockerignore` whatever the
    patterns say, and takes them out again before it copies: they count as ignored.
    """
    ways = ways_of(builder, matcher)
    for directory in islice(_above(path), _DEEPEST):
        decision = ways.decision(directory) if ways.skips(directory) else None
        if decision is not None and decision.ignored:
            return decision
    return ways.decision(path)


def _above(path: str) -> Iterator[str]:
    """The directories above a path, the outermost first."""
    end = path.find("/")
    while end >= 0:
        yield path[:end]
        end = path.find("/", end + 1)
