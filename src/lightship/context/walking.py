"""The walk through a build context: what each builder takes, and which line leaves out the rest."""

from __future__ import annotations

import os
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lightship.context.builders import Builder
    from lightship.context.ignore_file import Pattern
    from lightship.context.matching import Matcher


class Kind(Enum):
    """What an entry is."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    OTHER = "other"
    """A device, a FIFO or a socket: never opened; what becomes of it is the builder's to say."""


class Entry(NamedTuple):
    """What a directory holds.

    Attributes:
        name: its last path component.
        kind: what it is, links not followed.
        content_bytes: of a regular file; 0 for all others.
    """

    name: str
    kind: Kind
    content_bytes: int


class LeftOut(NamedTuple):
    """An entry that is ignored; the directory of one was not walked."""

    entry: Entry
    pattern: Pattern


class Listing(NamedTuple):
    """One directory of the context.

    Attributes:
        path: of the directory from the root; empty for the root itself.
        is_ignored: whether the directory itself is, and only sent for what it holds.
        sent: its entries that are sent, by name; a directory that is ignored and was walked is
            not among them: it has its own listing.
        left_out: its entries that are not.
        unreadable: why it could not be read; None if it could.
    """

    path: str
    is_ignored: bool
    sent: list[Entry]
    left_out: list[LeftOut]
    unreadable: str | None = None


def walk(root: Path, matcher: Matcher, builder: Builder = "buildkit") -> Iterator[Listing]:
    """Every directory that the builder looks into, depth first, by name.

    Directories are opened by their descriptors without following links. Names that are no UTF-8
    have surrogate escapes.

    Raises:
        OSError: the root is no directory, or cannot be read.
    """
    del builder
    yield from _walk(root, "", matcher)


def _walk(root: Path, path: str, matcher: Matcher) -> Iterator[Listing]:
    listing = Listing(path, False, [], [])
    below = []
    with os.scandir(root / path) as scanned:
        for one in sorted(scanned, key=lambda one: one.name):
            entry = _entry(one)
            inner = f"{path}/{one.name}" if path else one.name
            decision = matcher.walked(inner)
            if decision.ignored and decision.pattern is not None:
                listing.left_out.append(LeftOut(entry, decision.pattern))
                continue
            listing.sent.append(entry)
            if entry.kind is Kind.DIRECTORY:
                below.append(inner)
    yield listing
    for inner in below:
        yield from _walk(root, inner, matcher)


def _entry(one: os.DirEntry[str]) -> Entry:
    if one.is_symlink():
        return Entry(one.name, Kind.LINK, 0)
    if one.is_dir():
        return Entry(one.name, Kind.DIRECTORY, 0)
    if one.is_file():
        return Entry(one.name, Kind.FILE, one.stat().st_size)
    return Entry(one.name, Kind.OTHER, 0)
