"""Which paths BuildKit asks for when a source is a link, leads through one, or has wildcards.

Source: github.com/tonistiigi/fsutil, followlinks.go, at 6d9dc2e (2026-07-16), with its ways: a
link that two sources lead through is followed for the first of them alone, and behind a wildcard
no link is looked for. Links are followed in the whole folder, before anything is ignored. One
difference: a link whose own name has wildcards is never led through, as that could lead out.
"""

from __future__ import annotations

import errno
import os
import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.wildcards import component, has_wildcards

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
_BELOW = _FOLDER | os.O_NOFOLLOW
_LISTED = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_ABSENT = frozenset((errno.ENOENT, errno.ENOTDIR, errno.EINVAL, errno.ELOOP))
# Links whose targets lead through links again: what a builder would spend minutes on.
_MOST_CHARACTERS = 20_000_000


class Followed(Struct, frozen=True):
    """What is asked for.

    Attributes:
        patterns: from the root, sorted, none below another; None for the whole folder.
        trouble: why a build fails here; None if it does not.
    """

    patterns: tuple[str, ...] | None
    trouble: str | None = None


def follow(root: Path, sources: Iterable[str]) -> Followed:
    """Follow the links among some sources.

    Args:
        root: the folder; a link to it is followed.
        sources: from the root, cleaned, in the order in which BuildKit sorts them: by bytes.
    """
    try:
        descriptor = os.open(root, _FOLDER)
    except (OSError, ValueError) as error:
        return Followed((), _why(error))
    try:
        return _Follower(descriptor).follow(sources)
    finally:
        os.close(descriptor)


class _TroubleError(Exception):
    """A build fails for what was found, or looking further would take too long."""


class _Follower:
    """One folder, open."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._resolved: set[str] = set()
        self._waiting: list[str] = []
        self._links: dict[str, list[tuple[str, str]]] = {}
        self._characters = 0

    def follow(self, sources: Iterable[str]) -> Followed:
        for source in sources:
            self._waiting.append(source)
            while self._waiting:
                try:
                    self._one(_cleaned(self._waiting.pop()))
                except _TroubleError as error:
                    return Followed(None, str(error))
        return Followed(_topmost(sorted(self._resolved, key=os.fsencode)))

    def _one(self, path: str) -> None:
        """Look at each component until there is a link; its targets wait with the rest."""
        self._characters += len(path)
        if self._characters > _MOST_CHARACTERS:
            raise _TroubleError("its links lead through too many others")
        place = os.dup(self._root)
        try:
            at = 0
            while at >= 0:
                end = path.find("/", at)
                name = path[at:] if end < 0 else path[at:end]
                current = path if end < 0 else path[:end]
                targets = self._targets(place, name, current)
                if targets:
                    self._through(current, targets, "" if end < 0 else path[end + 1 :])
                    return
                if end < 0:
                    break
                inner = _opened(name, place)
                if inner is None:
                    break
                os.close(place)
                place, at = inner, end + 1
            self._resolved.add(path)
        finally:
            os.close(place)

    def _through(self, current: str, targets: list[str], rest: str) -> None:
        if current not in self._resolved:
            self._resolved.add(current)
            self._waiting += [posixpath.join(target, rest) for target in reversed(targets)]

    def _targets(self, place: int, name: str, current: str) -> list[str]:
        """Where the links of that name lead, from the root."""
        above = posixpath.dirname(current)
        if not has_wildcards(name):
            target = _target(name, place)
            return [] if target is None else [posixpath.join("/", above, target)]
        pattern = component(name)
        if pattern is None:
            return []
        if above not in self._links:
            self._links[above] = _links_in(place)
        return [
            posixpath.join("/", above, target)
            for link, target in self._links[above]
            if pattern.match(link)
        ]


def _cleaned(path: str) -> str:
    """From the root, without leaving it; `.` for the root."""
    return posixpath.normpath("/" + path.lstrip("/"))[1:] or "."


def _topmost(paths: list[str]) -> tuple[str, ...] | None:
    kept: list[str] = []
    for path in paths:
        if path == ".":
            return None
        if not kept or not path.startswith(kept[-1] + "/"):
            kept.append(path)
    return tuple(kept)


def _target(name: str, place: int) -> str | None:
    try:
        return os.readlink(name, dir_fd=place)
    except (OSError, ValueError) as error:
        _be_absent(error)
        return None


def _opened(name: str, place: int) -> int | None:
    try:
        return os.open(name, _BELOW, dir_fd=place)
    except (OSError, ValueError) as error:
        _be_absent(error)
        return None


def _links_in(place: int) -> list[tuple[str, str]]:
    try:
        listed = os.open(".", _LISTED, dir_fd=place)
    except OSError as error:
        raise _TroubleError(_why(error)) from None
    try:
        with os.scandir(listed) as entries:
            names = [entry.name for entry in entries if entry.is_symlink()]
    finally:
        os.close(listed)
    found = ((name, _target(name, place)) for name in sorted(names, key=os.fsencode))
    return [(name, target) for name, target in found if target is not None]


def _be_absent(error: Exception) -> None:
    """What is not there, or no link, is no trouble."""
    if isinstance(error, OSError) and error.errno not in _ABSENT:
        raise _TroubleError(_why(error)) from None


def _why(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
