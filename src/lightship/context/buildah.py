"""buildah's and podman's way through a context: they read it where it stands.

Source: containers/buildah, `copier/copier.go` (`copierHandlerGet`, `pathIsExcluded`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightship.context.matching import Decision, Matcher


class BuildahWays:
    """It asks about each path alone; an exception opens every directory it begins with."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._reached = tuple(
            one.glob.strip("/") + "/" for one in matcher.patterns if one.is_exception
        )

    def decision(self, path: str) -> Decision:
        """By the path alone: nothing is remembered of the directories above it."""
        return self._matcher.test(path)

    def skips(self, directory: str) -> bool:
        """Not if an exception begins as the directory does: `!ab/c` also opens `a`."""
        return not any(one.startswith(directory) for one in self._reached)
