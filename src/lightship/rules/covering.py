"""Patterns that another one makes pointless, where that is certain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.ignore_file import Pattern  # noqa: TC001 - a field's type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MOST_PATTERNS = 5_000
"""Of one ignore file; more are not compared with each other."""
_MOST_PARTS = 20
_NOTHING = frozenset(("", ".", "/", ".."))
_SPECIAL = frozenset("*?[]\\^")


class Pointless(Struct, frozen=True):
    """A pattern, and the one that does its work as well."""

    pattern: Pattern
    other: Pattern


def pointless(patterns: Sequence[Pattern]) -> Iterator[Pointless]:
    """Patterns that another of the same kind covers, with none of the other kind between them.

    Among patterns of one kind that follow each other the order does not count: one that matches is
    enough. Of two that are the same the later is the pointless one. Of exceptions only the same
    count: builders look into a directory or not by how they are written. Behind an exception a
    pattern must match the very path: what matches a directory above is passed over by builders
    where an earlier pattern ignores that directory (moby/patternmatcher, `a`, `!**b`, `*`: `a/b`
    is sent).
    """
    run: list[Pattern] = []
    cover = covering
    for pattern in patterns[:MOST_PATTERNS]:
        if run and run[0].is_exception is not pattern.is_exception:
            yield from _in_run(run, cover)
            run, cover = [], _matching
        run.append(pattern)
    yield from _in_run(run, cover)


def _in_run(run: Sequence[Pattern], cover: Callable[[str], Iterator[str]]) -> Iterator[Pointless]:
    first: dict[str, Pattern] = {}
    for pattern in run:
        first.setdefault(pattern.glob, pattern)
    for pattern in run:
        if first[pattern.glob] is not pattern:
            yield Pointless(pattern, first[pattern.glob])
        elif not pattern.is_exception:
            found = next((first[glob] for glob in cover(pattern.glob) if glob in first), None)
            if found is not None:
                yield Pointless(pattern, found)


def _matching(glob: str) -> Iterator[str]:
    """Other patterns that for sure match all that this one does, whatever is above it."""
    if glob in _NOTHING or glob.startswith("../"):
        return
    if glob != "**":
        yield "**"
    parts = glob.split("/")
    if "\\" in glob or len(parts) > _MOST_PARTS:
        return
    for start in range(len(parts)):
        tail = "/".join(parts[start:])
        if _behind_whole_parts(parts, start) and glob != f"**/{tail}":
            yield f"**/{tail}"


def covering(glob: str) -> Iterator[str]:
    """Other patterns that for sure match all that this one does, or what is above it."""
    if glob in _NOTHING or glob.startswith("../"):
        return
    yield from (one for one in ("*", "**") if one != glob)
    parts = glob.split("/")
    # A backslash may stand for more than the letter behind it.
    if "\\" in glob or len(parts) > _MOST_PARTS:
        return
    for end in range(1, len(parts)):
        # What ends in `**` takes the slash behind it as well: then it is no pattern of its own.
        if not parts[end - 1].endswith("**"):
            yield "/".join(parts[:end])
    for start in range(len(parts)):
        if not _behind_whole_parts(parts, start):
            continue
        tail = "/".join(parts[start:])
        if glob != f"**/{tail}":
            yield f"**/{tail}"
            yield from (f"**/{'/'.join(parts[start:end])}" for end in range(start + 1, len(parts)))


def _behind_whole_parts(parts: Sequence[str], start: int) -> bool:
    """Whether the parts from there are plain, and what is before them ends with a whole part."""
    if start and parts[start - 1] != "**" and parts[start - 1].endswith("**"):
        return False
    return all(_SPECIAL.isdisjoint(part) for part in parts[start:])
