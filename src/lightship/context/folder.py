"""A folder that a build gets its files from, looked at without following links."""

from __future__ import annotations

import os
import stat
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.matching import Matcher
from lightship.context.walking import walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_FILES = 50_000
_MOST_TEXT = 4 * 1024 * 1024
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Found(Struct, frozen=True):
    """A regular file in the folder.

    Attributes:
        path: from the folder, with `/`; surrogate escapes for bytes that are no UTF-8.
        content_bytes: its size.
    """

    path: str
    content_bytes: int


class Folder:
    """A build context on disk.

    What cannot be read is passed over; links, devices and FIFOs are never opened. Nothing raises.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def open(cls, path: Path) -> Folder:
        """The folder at that path; it need not exist."""
        return cls(path)

    def ignore_file(self, dockerfile: str) -> str | None:
        """The ignore file that a build with this Dockerfile uses; None without one.

        Args:
            dockerfile: its name. `Dockerfile.dockerignore` comes before `.dockerignore`.
        """
        for name in (f"{dockerfile}.dockerignore", ".dockerignore"):
            if (self.path / name).is_file():
                return name
        return None

    @cached_property
    def files(self) -> tuple[Found, ...]:
        """Its regular files by path, at most 50,000 of them."""
        found: list[Found] = []
        try:
            for one in walk(self.path, Matcher(())):
                above = one.path + "/" if one.path else ""
                found += map(Found, (above + name for name in one.names), one.sizes)
                if len(found) >= _MOST_FILES:
                    break
        except OSError:
            return ()
        return tuple(sorted(found[:_MOST_FILES], key=lambda one: one.path))

    def below(self, source: str) -> Iterator[Found]:
        """The files that `COPY source` takes: the file of that name, or all below that directory.

        Args:
            source: as COPY has it, `.` for everything; patterns are not looked up.
        """
        wanted = os.path.normpath(source.lstrip("/")) if source.strip("/") else "."
        for one in self.files:
            if wanted in (".", one.path) or one.path.startswith(wanted + "/"):
                yield one

    def text(self, name: str) -> str | None:
        """What a small file says; None if there is none, or it is a link, too big or no UTF-8."""
        try:
            descriptor = os.open(self.path / name, _FILE)
        except (OSError, ValueError):
            return None
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            data = file.read(_MOST_TEXT + 1)
        try:
            return data.decode() if len(data) <= _MOST_TEXT else None
        except UnicodeDecodeError:
            return None
