"""What a walk tells of one directory."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from lightship.context.ignore_file import Pattern  # noqa: TC001 - a field's type


class Kind(Enum):
    """What an entry is."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    OTHER = "other"
    """A device, a FIFO or a socket: never opened; what becomes of it is the builder's to say."""


class LeftOut(NamedTuple):
    """An entry that is ignored; a directory of one was not walked."""

    name: str
    kind: Kind
    pattern: Pattern


class Listing:
    """One directory of the context.

    Attributes:
        path: of the directory from the root; empty for the root itself.
        is_ignored: whether the directory itself is, and only sent for what it holds.
        descriptor: of the directory; open until the walk goes on.
        names: of its regular files that are sent, by name.
        sizes: of each, content bytes.
        linked: device and inode of those that have more names, by their place in `names`.
        directories: those that are sent, by name; a directory that is ignored and walked is not
            among them. Each has its own listing.
        links, others: further entries that are sent, by name.
        left_files: its regular files that are ignored, by name, for the number from 0 of the
            pattern that decides.
        left_out: its other entries that are ignored, by name.
        unreadable: why it could not be read; None if it could.
    """

    __slots__ = (
        "descriptor",
        "directories",
        "is_ignored",
        "left_files",
        "left_out",
        "linked",
        "links",
        "names",
        "others",
        "path",
        "sizes",
        "unreadable",
    )

    def __init__(self, path: str, is_ignored: bool, descriptor: int = -1) -> None:
        self.path = path
        self.is_ignored = is_ignored
        self.descriptor = descriptor
        self.names: list[str] = []
        self.sizes: list[int] = []
        self.linked: dict[int, tuple[int, int]] = {}
        self.directories: list[str] = []
        self.links: list[str] = []
        self.others: list[str] = []
        self.left_files: dict[int, list[str]] = {}
        self.left_out: list[LeftOut] = []
        self.unreadable: str | None = None
