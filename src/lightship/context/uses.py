"""What a Dockerfile takes from the build context: BuildKit sends only that.

Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go and convert_runmount.go
(`ctxPaths`), as of August 2026.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.following import follow
from lightship.context.reachable import reachable, target_of, triggers
from lightship.context.selecting import Below, Selection, refused
from lightship.context.sources import Sources, read_sources, sources_of
from lightship.dockerfile.build import Step  # noqa: TC001 - a field's type
from lightship.dockerfile.mounts import mounts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from lightship.dockerfile.build import Build
    from lightship.dockerfile.mounts import Mount
    from lightship.dockerfile.stages import Stage
    from lightship.dockerfile.tree import Instruction

_MOST_USES = 50_000


class Use(Struct, frozen=True):
    """One COPY, ADD or bind mount that reads the build context.

    Attributes:
        step: the instruction; for a trigger the ONBUILD.
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


class Wanted:
    """Which paths the sources of some uses take, links followed as BuildKit follows them.

    Attributes:
        root: the build context.
        uses: that take them.
        is_known: whether every source of them is; if not, anything may be taken.
        trouble: why a build fails when links are followed; None if it does not.
    """

    def __init__(self, root: Path, uses: tuple[Use, ...]) -> None:
        self.root = root
        self.uses = uses
        self.is_known = all(use.is_known for use in uses)
        self._all = _Taken(root, uses)
        self.trouble = self._all.trouble

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole context."""
        return self._all.selection is None

    def takes(self, path: str) -> bool:
        """Whether a file at that path is sent for one of them, if it is not ignored."""
        return self._all.takes(path)

    def below(self, directory: str) -> Below:
        """What is taken of a directory; empty for the root. For a walk: ask once a directory."""
        return "all" if self._all.selection is None else self._all.selection.below(directory)

    def users(self, path: str) -> tuple[Use, ...]:
        """Those uses that take it; a use whose sources are not known may take anything."""
        return tuple(use for use, taken in self._each if taken.takes(path))

    @cached_property
    def _each(self) -> tuple[tuple[Use, _Taken], ...]:
        uses = (use for use in self.uses if use.takes_files)
        return tuple((use, _Taken(self.root, (use,))) for use in uses)


class _Taken:
    """What is asked for because of some uses together; no selection for the whole context."""

    def __init__(self, root: Path, uses: tuple[Use, ...]) -> None:
        self.trouble: str | None = None
        self.selection: Selection | None = None
        sources = {source for use in uses for source in use.sources}
        if not any(use.takes_files for use in uses):
            # What no instruction takes from is never asked for.
            self.selection = Selection(())
        elif "." not in sources and all(use.is_known for use in uses):
            followed = follow(root, sorted(sources, key=_bytes))
            self.trouble = followed.trouble
            patterns = followed.patterns
            wrong = refused(patterns or ())
            if wrong is not None:
                self.trouble = f"{wrong} is no pattern"
            elif patterns is not None:
                self.selection = Selection(patterns)

    def takes(self, path: str) -> bool:
        return self.selection is None or self.selection.takes(path)


def uses_of(build: Build, target: str | None = None) -> tuple[Use, ...]:
    """The uses in stages that a build of the target needs, in the order of the file.

    Variables have the values that the file gives them.

    Args:
        build: the Dockerfile.
        target: a stage's name or number; None for the last stage. None are used for one that is
            not there.
    """
    stage = target_of(build, target)
    if stage is None:
        return ()
    built = reachable(build, stage)
    return _uses(build, (one for one in build.stages.all if one.index in built))


def all_uses(build: Build) -> tuple[Use, ...]:
    """The uses in all stages, whichever target is built."""
    return _uses(build, iter(build.stages.all))


def _uses(build: Build, stages: Iterator[Stage]) -> tuple[Use, ...]:
    found: list[Use] = []
    for stage in stages:
        # A trigger runs right behind FROM, with what holds there.
        values = build.steps[stage.first].scope.environment
        for position in triggers(build, stage):
            step = build.steps[position]
            found += _of(build, step, step.instruction.inner, values)
        for step in build.of(stage):
            found += _of(build, step, step.instruction, step.scope.environment)
        if len(found) > _MOST_USES:
            break
    return tuple(found)


def _of(
    build: Build, step: Step, instruction: Instruction | None, values: Mapping[str, str | None]
) -> Iterator[Use]:
    if instruction is None:
        return
    escape = build.dockerfile.escape
    if instruction.keyword == "ADD" or (
        instruction.keyword == "COPY" and not instruction.flag("from")
    ):
        excludes = tuple(flag.value or "" for flag in instruction.flags if flag.name == "exclude")
        sources = sources_of(instruction, values, escape)
        if sources.paths or not sources.is_known:
            yield Use(step, sources.paths, excludes, sources.is_known)
    for mount in mounts_of(instruction):
        if mount.kind in ("bind", "tmpfs") and not mount.source_stage:
            sources = _mounted(mount, values, escape)
            takes = mount.kind == "bind"
            yield Use(step, sources.paths, (), sources.is_known, takes)


def _mounted(mount: Mount, values: Mapping[str, str | None], escape: str) -> Sources:
    return read_sources((mount.source or "",), values, escape)


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
