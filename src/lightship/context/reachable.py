"""The stages that BuildKit builds for a target.

Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go (`resolveReachableStages`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.dockerfile.mounts import mounts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.build import Build
    from lightship.dockerfile.stages import Stage, Stages
    from lightship.dockerfile.tree import Instruction

# They have values without an ARG, that only a build knows.
_PLATFORM = re.compile(r"\$\{?(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)\b|\$\{?TARGETSTAGE\b")


def target_of(build: Build, target: str | None) -> Stage | None:
    """The stage that a target names; None if there is none.

    Args:
        build: the Dockerfile.
        target: a stage's name in any case, or, as the legacy builder and buildah take it, its
            number from 0; None for the last.
    """
    stages = build.stages
    if target is None:
        return stages.all[-1] if stages.all else None
    index = stages.named(target, len(stages.all))
    return None if index is None else stages.all[index]


def reachable(build: Build, target: Stage) -> frozenset[int]:
    """Indexes of the stages that are built for that one: it, and what it stands upon or takes from.

    Where the name of a stage has a variable that only a build knows (`base-$TARGETARCH`), each
    that it may mean.
    """
    found = {target.index}
    waiting = [target]
    while waiting:
        stage = waiting.pop()
        for index in _uses(build, stage):
            if index not in found:
                found.add(index)
                waiting.append(build.stages.all[index])
    return frozenset(found)


def triggers(build: Build, stage: Stage) -> Iterator[int]:
    """Positions of the ONBUILDs that run in a stage: those of the stage it builds upon."""
    for base in _bases(build.stages, stage):
        for step in build.of(build.stages.all[base]):
            if step.keyword == "ONBUILD":
                yield step.position


def _uses(build: Build, stage: Stage) -> Iterator[int]:
    yield from _bases(build.stages, stage)
    for step in build.of(stage):
        yield from _sources(build.stages, step.instruction, stage.index)
    for position in triggers(build, stage):
        inner = build.steps[position].instruction.inner
        if inner is not None:
            yield from _sources(build.stages, inner, stage.index)


def _bases(stages: Stages, stage: Stage) -> tuple[int, ...]:
    if stage.base_name is None or _PLATFORM.search(stage.base):
        return stages.meant(stage.base, stage.index)
    return () if stage.base_stage is None else (stage.base_stage,)


def _sources(stages: Stages, instruction: Instruction, before: int) -> Iterator[int]:
    names = [mount.source_stage for mount in mounts_of(instruction)]
    # A mount knows no numbers.
    wanted = [name for name in names if name and not name.isdecimal()]
    wanted += [flag.value for flag in instruction.flags if flag.name == "from" and flag.value]
    for name in wanted:
        index = stages.named(name, before)
        if index is not None:
            yield index
