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

Who builds it with `--target`: so it is never removed unless you ask with `--unsafe`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.dockerfile.editing import without
from lightship.rules.smell import DockerfileRule, Fix, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.build import Build
    from lightship.dockerfile.stages import Stage
    from lightship.rules.smell import Matter


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    for stage in build.stages.all:
        if stage.index in build.stages.needed:
            continue
        name = f"stage {stage.name or stage.index}"
        # Stages upon it would lose their base; they are unused as well and go first.
        alone = build.stages.upon(stage.index) == {stage.index}
        # Numbers of later stages would shift under a COPY --from=NUMBER.
        numbered = stage.name is None or any(other.name is None for other in build.stages.all)
        yield Smell(
            position=stage.first,
            message=f"Nothing uses {name}.",
            fix=_fix(build, stage, name) if alone and not numbered else None,
            unfixed=None if alone and not numbered else "stages without a name are counted",
        )


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
