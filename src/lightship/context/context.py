"""A build context: a folder, the Dockerfile built in it, and the ignore file that counts."""

from __future__ import annotations

import errno
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lightship.context.builders import ignore_names
from lightship.context.dockerfiles import (
    FoundDockerfile,
    checked,
    dockerfile_at,
    dockerfile_in,
    inside,
)
from lightship.context.go_text import with_invalid_marked
from lightship.context.ignore_file import IgnoreFile, read_ignore_file
from lightship.context.matching import Matcher
from lightship.context.reachable import target_of
from lightship.context.reading import FolderError, NoFileError, read_inside
from lightship.context.refusal_hints import hint_for
from lightship.context.uses import Wanted, uses_of
from lightship.dockerfile.build import Build
from lightship.errors import CorruptInputError, UnreachableError, UsageError
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.builders import Builder

MOST_IGNORE_BYTES = 4 * 1024 * 1024


class Context:
    """What a build reads.

    Attributes:
        root: the folder.
        builder: whose ways count.
        dockerfile: its path from the root; None where there is none, or it stands elsewhere.
        outside: the Dockerfile's path where it stands elsewhere; None if it does not.
        build: the Dockerfile, read; None where there is none.
        target: the stage that is built; None for the last.
        ignore_name: the ignore file's path, from the root if it stands in it; None without one.
    """

    def __init__(
        self,
        root: Path,
        *,
        builder: Builder = "buildkit",
        dockerfile: str | None = None,
        outside: Path | None = None,
        build: Build | None = None,
        target: str | None = None,
        ignore_file: Path | None = None,
    ) -> None:
        """Say what a build is given; files are read when they are asked for.

        Args:
            root: see above.
            builder: see above.
            dockerfile: see above.
            outside: see above.
            build: see above.
            target: see above.
            ignore_file: read instead of those that the builder looks for.
        """
        self.root = root
        self.builder: Builder = builder
        self.dockerfile = dockerfile
        self.outside = outside
        self.build = build
        self.target = target
        self._named = ignore_file

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        builder: Builder = "buildkit",
        dockerfile: Path | bytes | None = None,
        target: str | None = None,
        ignore_file: Path | None = None,
    ) -> Context:
        """Find and read what a build of a folder reads first.

        Args:
            root: the folder.
            builder: whose ways count.
            dockerfile: its path, or its bytes where it stands nowhere; None to look for it as the
                builder does: that there is none is no error.
            target: the stage that is built.
            ignore_file: read instead of those that the builder looks for.

        Raises:
            UnreachableError: a file or the folder is not there, or cannot be read.
            UsageError: the Dockerfile has no such stage.
            CorruptInputError: what is read is no Dockerfile, or every build refuses the ignore
                file: the message has its name and line.
        """
        if not root.is_dir():
            raise UnreachableError(f"{root}: no such folder", "Name the build context's folder.")
        if isinstance(dockerfile, bytes):
            found: FoundDockerfile | None = FoundDockerfile(checked(dockerfile, "-"))
        elif dockerfile is None:
            found = dockerfile_in(root, builder)
        else:
            found = dockerfile_at(dockerfile, root)
        context = cls(
            root,
            builder=builder,
            dockerfile=found.name if found else None,
            outside=found.outside if found else None,
            build=Build.read(found.data) if found else None,
            target=target,
            ignore_file=ignore_file,
        )
        context.check()
        return context

    def check(self) -> None:
        """Stop where every build does.

        Raises:
            UnreachableError: the ignore file is not there, or cannot be read.
            UsageError: there is no such stage.
            CorruptInputError: the ignore file is refused.
        """
        if self.target is not None:
            self._check_target(self.target)
        try:
            self._check_size()
            refusal = self.ignore.refusal
        except NoFileError as error:
            shown = self._named or "the ignore file"
            raise CorruptInputError(f"{shown} is {error.strerror}") from None
        except OSError as error:
            shown = self._named or "the ignore file"
            said = (error.strerror or str(error)).lower()
            raise UnreachableError(f"{shown}: {said}") from None
        if refusal is not None and self.builder in (refusal.builders or (self.builder,)):
            told = f"{self.ignore_name}:{refusal.line}: {refusal.reason}: a build fails"
            raise CorruptInputError(told, hint_for(refusal))

    def _check_size(self) -> None:
        if self._ignore_file is not None and len(self._ignore_file[1]) > MOST_IGNORE_BYTES:
            limit = format_bytes(MOST_IGNORE_BYTES)
            raise CorruptInputError(f"{self.ignore_name} has more than {limit}")

    @property
    def ignore_name(self) -> str | None:
        """See above."""
        return self._ignore_file[0] if self._ignore_file is not None else None

    @property
    def passed_over(self) -> str | None:
        """An ignore file that stands there and is not read; None without one.

        It is a directory, or a link that leads nowhere in the folder.
        """
        for place, name, shown in self._candidates():
            if shown == self.ignore_name:
                return None
            if os.path.lexists(place / name):
                return shown
        return None

    @cached_property
    def ignore(self) -> IgnoreFile:
        """The ignore file, read; an empty one where there is none.

        Raises:
            OSError: it cannot be read, or is no regular file and the builder fails for it.
        """
        if self._ignore_file is None:
            return IgnoreFile()
        return read_ignore_file(self._ignore_file[1])

    @cached_property
    def matcher(self) -> Matcher:
        """The ignore file's patterns, as its builder matches them."""
        patterns = self.ignore.patterns
        if self.builder == "buildkit":
            # It sends them as JSON, which has no other bytes than UTF-8's.
            patterns = tuple(replace(one, glob=with_invalid_marked(one.glob)) for one in patterns)
        return Matcher(patterns, self.dockerfile)

    @cached_property
    def wanted(self) -> Wanted | None:
        """What the Dockerfile takes; None without one."""
        if self.build is None:
            return None
        return Wanted(self.root, uses_of(self.build, self.target))

    @property
    def sends_only_used(self) -> bool:
        """Whether what no instruction takes stays behind: BuildKit asks for what it needs.

        The legacy builder sends everything that is not ignored, and buildah reads from it.
        """
        return self.builder == "buildkit"

    @cached_property
    def _ignore_file(self) -> tuple[str, bytes] | None:
        """The ignore file that counts: its name and bytes."""
        for place, name, shown in self._candidates():
            try:
                data = read_inside(place, name, MOST_IGNORE_BYTES + 1)
            except NoFileError as error:
                # BuildKit passes over a directory; all others fail. For a FIFO all wait forever.
                is_passed_over = self.builder == "buildkit" and isinstance(error, FolderError)
                if not is_passed_over or self._named is not None:
                    raise
                continue
            if data is not None:
                return shown, data
        if self._named is not None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return None

    def _candidates(self) -> Iterator[tuple[Path, str, str]]:
        """Where an ignore file may be: the folder, its path in it, and its name for people."""
        if self._named is not None:
            # A link that is named is followed wherever it leads.
            real = Path(os.path.realpath(self._named))
            shown = inside(self._named, self.root) or os.fspath(self._named)
            yield real.parent, real.name, shown
            return
        if self.outside is not None:
            # Beside the Dockerfile, wherever that is.
            for name in ignore_names(self.builder, self.outside.name):
                if name.startswith(self.outside.name):
                    place = self.outside.parent
                    yield place, name, os.fspath(place / name)
        for name in ignore_names(self.builder, self.dockerfile):
            yield self.root, name, name

    def _check_target(self, target: str) -> None:
        if self.build is None:
            raise UsageError(f"there is no Dockerfile, and so no stage {target}")
        if target_of(self.build, target) is None:
            names = [stage.name for stage in self.build.stages.all if stage.name]
            hint = f"It has: {', '.join(names[:20])}." if names else "No stage has a name."
            raise UsageError(f"the Dockerfile has no stage {target}", hint)
