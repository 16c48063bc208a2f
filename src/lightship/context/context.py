"""A build context: a folder, the Dockerfile built in it, and the ignore file that counts."""

from __future__ import annotations

import os
import stat
from functools import cached_property
from typing import TYPE_CHECKING

from lightship.context.builders import ignore_names
from lightship.context.ignore_file import IgnoreFile, read_ignore_file
from lightship.context.matching import Matcher
from lightship.context.uses import Wanted, uses_of

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.context.builders import Builder
    from lightship.dockerfile.build import Build

_MOST_BYTES = 4 * 1024 * 1024


class Context:
    """What a build reads.

    Attributes:
        root: the folder.
        builder: whose ways count.
        dockerfile: its path from the root; None where there is none, or it stands elsewhere.
        build: the Dockerfile, read; None where there is none.
        target: the stage that is built; None for the last.
        ignore_name: the ignore file's path from the root; None without one.
    """

    def __init__(
        self,
        root: Path,
        *,
        builder: Builder = "buildkit",
        dockerfile: str | None = None,
        build: Build | None = None,
        target: str | None = None,
        ignore_file: str | None = None,
    ) -> None:
        self.root = root
        self.builder: Builder = builder
        self.dockerfile = dockerfile
        self.build = build
        self.target = target
        self.ignore_name = ignore_file or self._found()

    @cached_property
    def ignore(self) -> IgnoreFile:
        """The ignore file, read; an empty one where there is none.

        Raises:
            OSError: it cannot be read, or is no regular file.
        """
        if self.ignore_name is None:
            return IgnoreFile()
        descriptor = os.open(self.root / self.ignore_name, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(0, "no regular file")
            return read_ignore_file(file.read(_MOST_BYTES + 1))

    @cached_property
    def matcher(self) -> Matcher:
        """The ignore file's patterns."""
        return Matcher(self.ignore.patterns)

    @cached_property
    def wanted(self) -> Wanted | None:
        """What the Dockerfile takes; None without one."""
        if self.build is None:
            return None
        return Wanted(self.root, uses_of(self.build, self.target))

    def _found(self) -> str | None:
        for name in ignore_names(self.builder, self.dockerfile):
            if (self.root / name).is_file():
                return name
        return None
