"""What a Dockerfile takes from the build context: BuildKit sends only that.

Sources: BuildKit, frontend/dockerfile/dockerfile2llb (`ctxPaths`, bind mounts), and fsutil's
`FollowLinks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from lightship.dockerfile.build import Step  # noqa: TC001 - a field's type
from lightship.dockerfile.copies import copy_of

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.dockerfile.build import Build


class Use(Struct, frozen=True):
    """One COPY, ADD or bind mount that reads the build context.

    Attributes:
        step: the instruction.
        sources: as BuildKit asks for them: from the root, cleaned, without a leading slash; `.`
            is everything. They may have wildcards.
        excludes: patterns of `--exclude`, as they are written.
        is_known: whether every source is known: no variable without a value is in it. If it is
            False, anything may be taken.
        takes_files: False for a tmpfs mount: it takes nothing, and yet BuildKit then asks for the
            whole context.
    """

    step: Step
    sources: tuple[str, ...]
    excludes: tuple[str, ...] = ()
    is_known: bool = True
    takes_files: bool = True


class Some(Struct, frozen=True):
    """What is taken of a directory of which not everything is."""

    names: frozenset[str] = frozenset()

    def takes(self, name: str) -> bool:
        """Whether an entry of the directory is taken, by its last path component."""
        return name in self.names


Below: TypeAlias = Literal["all", "none"] | Some
"""What is taken of a directory: everything below it, nothing below it, or some: then each of its
entries and each directory in it has to be asked for."""


class Wanted:
    """Which paths the sources of some uses take, links followed as BuildKit follows them."""

    def __init__(self, root: Path, uses: tuple[Use, ...]) -> None:
        self.root = root
        self.uses = uses
        self.is_whole = any(source == "." for use in uses for source in use.sources)

    def takes(self, path: str) -> bool:
        """Whether a file at that path is sent for one of them."""
        return self.is_whole or any(
            path == source or path.startswith(source + "/")
            for use in self.uses
            for source in use.sources
        )

    def below(self, directory: str) -> Below:
        """What is taken of a directory; empty for the root. For a walk: ask once a directory."""
        if self.is_whole:
            return "all"
        del directory
        return Some()

    def users(self, path: str) -> tuple[Use, ...]:
        """Those uses that take it."""
        return tuple(use for use in self.uses if self.takes(path))


def uses_of(build: Build, target: str | None = None) -> tuple[Use, ...]:
    """The uses in stages that a build of the target needs, in the order of the file.

    Args:
        build: the Dockerfile.
        target: a stage's name or number; None for the last stage.
    """
    del target
    found = []
    for step in build.steps:
        copy = copy_of(step)
        if copy is not None and copy.source is None:
            sources = tuple(source.strip("/") or "." for source in copy.sources)
            found.append(Use(step, sources))
    return tuple(found)
