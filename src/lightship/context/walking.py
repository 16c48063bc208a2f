"""The walk through a build context: what each builder takes, and which line leaves out the rest.

Source: tonistiigi/fsutil at 6d9dc2e, `filterFS.Walk`. That would pass over an ignored directory
that may not be read, but BuildKit's clients put a second one below it, which knows no patterns and
asks about every entry (moby/buildkit at 73ed682, client/solve.go, `resetUIDAndGID`): so what cannot
be read fails a build wherever the builder looks. The legacy builder's client first reads every
directory that is in no ignored one (docker/cli, `ValidateContextDirectory`). Sockets are sent as
empty files, FIFOs and devices as what they are.
"""

from __future__ import annotations

import errno
import os
from itertools import compress
from operator import attrgetter, not_
from typing import TYPE_CHECKING, NamedTuple

from lightship.context.deciding import ways_of
from lightship.context.joined import Joined
from lightship.context.listing import Kind, LeftOut, Listing
from lightship.context.trail import DIRECTORY, Trail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from lightship.context.builders import Builder
    from lightship.context.ignore_file import Pattern
    from lightship.context.joined import Fate, Here, State
    from lightship.context.matching import Matcher

__all__ = ["Kind", "LeftOut", "Listing", "walk"]

_LONGEST_PATH = 4_095
"""Bytes of the longest path that Linux opens by name, as every builder does."""

_LONGEST_NAME = 255


class _Below(NamedTuple):
    """A directory that is still to be walked, or only opened.

    Attributes:
        name: of it.
        fate: of it.
        state: of it.
        is_needed: whether a build fails if it cannot be read.
        is_skipped: whether the builder does no more than read it.
    """

    name: str
    fate: Fate
    state: State
    is_needed: bool
    is_skipped: bool


def walk(
    root: Path, matcher: Matcher, builder: Builder = "buildkit", joined: Joined | None = None
) -> Iterator[Listing]:
    """Every directory that the builder looks into, depth first, by name.

    Directories are opened by their descriptors without following links, but for the root. Names
    that are no UTF-8 have surrogate escapes.

    Args:
        root: the context.
        matcher: the ignore file's patterns.
        builder: that walks.
        joined: the same patterns, if the caller wants to know what they matched.

    Raises:
        OSError: the root is no directory, or cannot be read.
    """
    trail = Trail(os.open(root, DIRECTORY & ~os.O_NOFOLLOW))
    try:
        longest = _LONGEST_PATH - len(os.fsencode(os.path.realpath(root))) - 1
        yield from _Walk(
            trail, matcher, builder, joined or Joined(matcher, builder), longest
        ).listings()
    finally:
        trail.close()


class _Walk:
    def __init__(
        self, trail: Trail, matcher: Matcher, builder: Builder, joined: Joined, longest: int
    ) -> None:
        self.trail = trail
        self.patterns: Sequence[Pattern] = matcher.patterns
        self.joined = joined
        self.skips = ways_of(builder, matcher).skips
        self.builder = builder
        self.longest = longest

    def listings(self) -> Iterator[Listing]:
        listing = Listing("", False, self.trail.descriptor)
        entries = self._scanned(listing)
        below = self._sort_out(listing, entries, self.joined.here("", 0))
        yield listing
        above = [("", iter(below))]
        while above:
            path, rest = above[-1]
            one = next(rest, None)
            if one is None:
                above.pop()
                if above and not self._back():
                    listing = Listing(above[-1][0], False)
                    listing.unreadable = "moved while it was walked"
                    yield listing
                    return
                continue
            inner = f"{path}/{one.name}" if path else one.name
            listing = Listing(inner, one.fate.ignored)
            entered = self._entered(listing, one)
            if entered is not None:
                above.append((inner, iter(entered)))
            if entered is not None or listing.unreadable:
                yield listing

    def _back(self) -> bool:
        try:
            self.trail.ascend()
        except OSError:
            return False
        return True

    def _entered(self, listing: Listing, one: _Below) -> list[_Below] | None:
        """What is to be walked below; None if the directory cannot be entered."""
        if self._is_too_long(listing.path):
            listing.unreadable = "its path is too long to be opened"
            return None
        try:
            self.trail.descend(one.name)
        except PermissionError as error:
            listing.unreadable = _reason(error) if one.is_needed else None
            return None
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            listing.unreadable = _reason(error)
            return None
        if one.is_skipped:
            self._back()
            return None
        listing.descriptor = self.trail.descriptor
        try:
            entries = self._scanned(listing)
        except OSError as error:
            listing.unreadable = _reason(error)
            entries = []
        return self._sort_out(
            listing, entries, self.joined.here(listing.path, one.state, one.fate.number)
        )

    def _scanned(self, listing: Listing) -> list[os.DirEntry[str]]:
        with os.scandir(listing.descriptor) as scanned:
            entries = list(scanned)
        if len(listing.path) + _LONGEST_NAME > self.longest // 4 and any(
            self._is_too_long(f"{listing.path}/{entry.name}") for entry in entries
        ):
            listing.unreadable = "it holds paths that are too long to be opened"
        # BuildKit asks what each entry is, also of those that are ignored.
        is_asked = not listing.is_ignored or self.builder == "buildkit"
        if entries and is_asked and not os.access(".", os.X_OK, dir_fd=listing.descriptor):
            listing.unreadable = os.strerror(errno.EACCES)
        return entries

    def _is_too_long(self, path: str) -> bool:
        return len(path) > self.longest // 4 and len(os.fsencode(path)) > self.longest

    def _sort_out(
        self, listing: Listing, entries: list[os.DirEntry[str]], here: Here
    ) -> list[_Below]:
        """Put each entry where it belongs; what is to be walked below."""
        # A loop for 200,000 files: what can be outside it is, and nothing in it is a call of ours
        # but for the few names that a pattern matches.
        below: list[_Below] = []
        names = [entry.name for entry in entries]
        hits = here.hits(names)
        ignored = here.fate.ignored
        if ignored and not hits:
            are_files = [entry.is_file(follow_symlinks=False) for entry in entries]
            left = sorted(compress(names, are_files))
            if left:
                listing.left_files[here.fate.number] = left
            if len(left) == len(entries):
                return below
            entries = list(compress(entries, map(not_, are_files)))
        entries.sort(key=_name_of)
        send, send_size = listing.names.append, listing.sizes.append
        for entry in entries:
            name = entry.name
            if not entry.is_file(follow_symlinks=False):
                self._decide_other(listing, entry, here, below, is_hit=name in hits)
                continue
            if ignored or name in hits:
                fate = here.decide(name) if name in hits else here.fate
                if fate.ignored:
                    listing.left_files.setdefault(fate.number, []).append(name)
                    continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                # It is gone.
                continue
            except OSError as error:
                listing.unreadable = _reason(error)
                continue
            if status.st_nlink > 1:
                listing.linked[len(listing.names)] = status.st_dev, status.st_ino
            send(name)
            send_size(status.st_size)
        return below

    def _decide_other(
        self,
        listing: Listing,
        entry: os.DirEntry[str],
        here: Here,
        below: list[_Below],
        *,
        is_hit: bool,
    ) -> None:
        kind = _kind(entry)
        name = entry.name
        fate, state = here.fate, here.state
        if kind is Kind.DIRECTORY:
            if is_hit:
                fate, state = here.enter(name)
            path = f"{listing.path}/{name}" if listing.path else name
            is_skipped = fate.ignored and self.skips(path)
            is_needed = not listing.is_ignored if self.builder == "legacy" else not is_skipped
            if is_needed or not is_skipped:
                below.append(_Below(name, fate, state, is_needed, is_skipped))
            if not fate.ignored:
                listing.directories.append(name)
            if not is_skipped:
                return
        elif is_hit:
            fate = here.decide(name)
        if fate.ignored:
            listing.left_out.append(LeftOut(name, kind, self.patterns[fate.number]))
        else:
            _send_other(listing, entry)


_name_of: Callable[[os.DirEntry[str]], str] = attrgetter("name")


def _send_other(listing: Listing, entry: os.DirEntry[str]) -> None:
    kind = _kind(entry)
    (listing.links if kind is Kind.LINK else listing.others).append(entry.name)


def _kind(entry: os.DirEntry[str]) -> Kind:
    try:
        if entry.is_symlink():
            return Kind.LINK
        if entry.is_dir(follow_symlinks=False):
            return Kind.DIRECTORY
        if entry.is_file(follow_symlinks=False):
            return Kind.FILE
    except OSError:
        # Where a file system tells no kinds, one has to be asked for.
        return Kind.OTHER
    return Kind.OTHER


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
