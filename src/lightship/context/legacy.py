"""The legacy builder's way through a context: the client makes a tar of it.

Source: docker/cli 28, `cli/command/image/build`; github.com/moby/go-archive, `archive.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightship.context.matching import Decision, Matcher


class LegacyWays:
    """It looks into an ignored directory only if an exception's text begins with it.

    A wildcard is text like any other there: `*` with `!**/*.py` keeps those at the root alone.
    """

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        reached = [one.glob for one in matcher.patterns if one.is_exception]
        if matcher.dockerfile is not None and matcher.test(matcher.dockerfile).ignored:
            # The client writes an exception for it, so as to send it.
            reached.append(matcher.dockerfile)
        self._reached = tuple(one + "/" for one in reached)

    def decision(self, path: str) -> Decision:
        """As BuildKit: by the patterns' results for each directory above it."""
        return self._matcher.walked(path)

    def skips(self, directory: str) -> bool:
        """Not if an exception, or an ignored Dockerfile, begins with the directory."""
        below = directory + "/"
        return not any(one.startswith(below) for one in self._reached)
