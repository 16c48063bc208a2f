"""What the instructions of a Dockerfile need of the context, and what of it is ignored."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.following import follow
from lightship.context.ignore_file import Pattern  # noqa: TC001 - a field's type
from lightship.context.selecting import Selection, Some
from lightship.context.uses import Use  # noqa: TC001 - a field's type
from lightship.context.wildcards import has_wildcards

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.context.context import Context
    from lightship.context.matching import Matcher

_MOST_ENTRIES = 200_000
_PLAIN = re.compile(r"[^*?\[\\]*")


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

    @property
    def is_certain(self) -> bool:
        """Whether every build fails; BuildKit lets wildcards match nothing, all others fail."""
        return not has_wildcards(self.source)


def needs_of(root: Path, uses: tuple[Use, ...]) -> tuple[Need, ...]:
    """What each source takes without an ignore file; nothing for sources that are not known.

    Of wildcards, what they match as BuildKit asks for it.
    """
    found: list[Need] = []
    matched: dict[str, tuple[str, ...]] = {}
    for use in uses:
        for source in use.sources if use.takes_files else ():
            if source not in matched:
                matched[source] = _paths(root, source)
            found.append(Need(use, source, matched[source]))
    return tuple(found)


def missing_of(needs: tuple[Need, ...], matcher: Matcher) -> tuple[Missing, ...]:
    """The sources that a build does not find with those patterns.

    A directory that is ignored is not missing if an exception may let in something below it.
    """
    exceptions = tuple(one.glob for one in matcher.patterns if one.is_exception)
    found: list[Missing] = []
    for need in needs:
        if need.source == "." or not need.paths:
            continue
        lost = [(path, _lost(path, matcher, exceptions)) for path in need.paths]
        gone = [(path, pattern) for path, pattern in lost if pattern is not None]
        # Of a link and where it leads each is needed; of what a wildcard matches, one is enough.
        if len(gone) == len(lost) or (gone and not has_wildcards(need.source)):
            found.append(Missing(need.use, need.source, *gone[0]))
    return tuple(found)


def missing_sources(context: Context) -> tuple[Missing, ...]:
    """The sources of a context's Dockerfile that its ignore file takes away."""
    if context.wanted is None:
        return ()
    return missing_of(needs_of(context.root, context.wanted.uses), context.matcher)


def _paths(root: Path, source: str) -> tuple[str, ...]:
    if source == ".":
        return (source,)
    patterns = follow(root, (source,)).patterns
    if patterns is None:
        return (".",)
    literal = [one for one in patterns if not has_wildcards(one)]
    kept = [path for path in literal if _is_there(root, path)]
    if len(literal) < len(patterns):
        kept += _matched(root, Selection(patterns))
    return tuple(dict.fromkeys(kept))


def _is_there(root: Path, path: str) -> bool:
    try:
        (root / path).lstat()
    except (OSError, ValueError):
        return False
    return True


def _matched(root: Path, selection: Selection) -> list[str]:
    """The topmost paths that are selected; of very many, the first."""
    found: list[str] = []
    waiting = [""]
    looked_at = 0
    while waiting and looked_at < _MOST_ENTRIES:
        directory = waiting.pop()
        below = selection.below(directory)
        if not isinstance(below, Some):
            continue
        try:
            with os.scandir(root / directory) as entries:
                listed = sorted(
                    ((one.name, one.is_dir(follow_symlinks=False)) for one in entries), reverse=True
                )
        except (OSError, ValueError):
            continue
        looked_at += len(listed)
        for name, is_directory in listed:
            path = f"{directory}/{name}" if directory else name
            if below.takes(name):
                found.append(path)
            elif is_directory:
                waiting.append(path)
    return sorted(found)


def _lost(path: str, matcher: Matcher, exceptions: tuple[str, ...]) -> Pattern | None:
    """The pattern that takes a path away, with all below it; None if something is left."""
    decision = matcher.walked(path)
    if not decision.ignored or any(_may_be_below(glob, path) for glob in exceptions):
        return None
    return decision.pattern


def _may_be_below(glob: str, path: str) -> bool:
    plain = _PLAIN.match(glob)
    start = plain[0] if plain else ""
    return glob.startswith(path + "/") or (start != glob and (path + "/").startswith(start))
