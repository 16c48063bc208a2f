r"""A stage that nothing uses: no stage builds upon it, copies or mounts from it.

## Why it matters

BuildKit leaves such a stage out; the older builder, buildah and kaniko may build all of it, each
time. It puts nothing into the image, so removing it saves time and reading, and no bytes. Often it
is the sign of a mistake: a `COPY --from=` that is missing, or names another stage.

## What to do

Copy from it what was meant, or remove it. A stage that is built on purpose with
`docker build --target` can be kept by saying so:

```dockerfile
# lightship: ignore[unused-stage] the tests' stage, built with --target
FROM builder AS test
```

## What it cannot see

Who builds it with `--target`: so it is never removed unless you ask with `--unsafe`, and not where
the file has several such stages, which are targets most likely.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.dockerfile.editing import without
from lightship.dockerfile.stages import references_of
from lightship.rules.smell import DockerfileRule, Fix, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.dockerfile.build import Build
    from lightship.dockerfile.stages import Stage
    from lightship.rules.smell import Matter


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    unused = [stage for stage in build.stages.all if stage.index not in build.stages.needed]
    counts = bool(unused) and _counts(build)
    leaves = [stage for stage in unused if not _serves(build, stage, unused)]
    for stage in unused:
        name = f"stage {stage.name or stage.index}"
        unfixed = None
        if build.stages.upon(stage.index) != {stage.index}:
            unfixed = "other stages that nothing uses stand upon it"
        elif len(leaves) > 1:
            unfixed = "the file has several such stages: they seem to be built by their names"
        elif counts:
            unfixed = "stages are named by their numbers, which would change"
        yield Smell(
            position=stage.first,
            message=f"Nothing uses {name}.",
            fix=_fix(build, stage, name) if unfixed is None else None,
            unfixed=unfixed,
        )


def _serves(build: Build, stage: Stage, others: Sequence[Stage]) -> bool:
    """Whether another one of these stages builds upon it, or takes files from it."""
    return any(
        other.base_stage == stage.index
        or any(
            build.stages.named(name, other.index) == stage.index
            for step in build.of(other)
            for name in references_of(step.instruction)
        )
        for other in others
    )


def _counts(build: Build) -> bool:
    """Whether anything names a stage by its number."""
    return any(name.isdigit() for step in build.steps for name in references_of(step.instruction))


def _fix(build: Build, stage: Stage, name: str) -> Fix:
    edits = tuple(
        edit for step in build.of(stage) for edit in without(build.dockerfile, step.instruction)
    )
    return Fix(
        title=f"remove {name}",
        tier="unsafe",
        edits=edits,
        leaves=0,
        notes=(f"Nobody may build it with --target {stage.name}.",),
    )


RULE = DockerfileRule(
    name="unused-stage",
    title="Stages that nothing uses",
    severity="info",
    confidence="certain",
    advice="Copy from it what was meant, or remove it.",
    page=__doc__,
    check=_check,
    fixes=("unsafe",),
)
