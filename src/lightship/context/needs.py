"""What the instructions of a Dockerfile need of the context, and what of it is ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.ignore_file import Pattern  # noqa: TC001 - a field's type
from lightship.context.uses import Use  # noqa: TC001 - a field's type

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.context.context import Context
    from lightship.context.matching import Matcher


class Need(Struct, frozen=True):
    """What one source of a COPY, ADD or bind mount takes if nothing is ignored.

    Attributes:
        use: the instruction.
        source: of it, from the root, cleaned; `.` is everything.
        paths: that the source names: itself, or what a wildcard matches, with links followed to
            where they lead. A directory stands for all below it. Only what exists.
    """

    use: Use
    source: str
    paths: tuple[str, ...]


class Missing(Struct, frozen=True):
    """A source that exists and that the ignore file takes away: the build fails.

    Attributes:
        use: the instruction.
        source: of it, from the root, cleaned.
        path: the one that is ignored; for a wildcard the first of those it would match.
        pattern: that ignores it.
    """

    use: Use
    source: str
    path: str
    pattern: Pattern


def needs_of(root: Path, uses: tuple[Use, ...]) -> tuple[Need, ...]:
    """What each source takes without an ignore file; nothing for sources that are not known."""
    del root, uses
    return ()


def missing_of(needs: tuple[Need, ...], matcher: Matcher) -> tuple[Missing, ...]:
    """The sources of which nothing is left with those patterns."""
    del needs, matcher
    return ()


def missing_sources(context: Context) -> tuple[Missing, ...]:
    """The sources of a context's Dockerfile that its ignore file takes away."""
    if context.wanted is None:
        return ()
    return missing_of(needs_of(context.root, context.wanted.uses), context.matcher)
