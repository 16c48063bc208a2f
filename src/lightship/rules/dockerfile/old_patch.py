r"""A base image pinned to a patch of which newer ones are out.

It reads the tags of FROM that name a patch (`python:3.13.1-slim`, `node:24.1.0`) and compares with
the newest patch of the same release that the catalogue of bases and the table of releases know.

## Why it matters

A patch is where the fixes are: of the language itself, and of the system beneath it, whose packages
are those of the day on which the image was made. Such a tag never moves again: an image that is
built anew every night gets none of them, and its scanner complains about packages that nobody can
update from above.

## What to do

Pin the newest patch, and let something raise it; or name the release, whose tag brings the fixes:

```dockerfile
FROM python:3.13-slim
```

## What it cannot see

Patches that came out after the tables were made: `lightship` asks no server while it lints. What
`lightship base update` learnt on this machine is used; without its file, as in most CI jobs, the
same version of lightship says the same on the same day. Whether the tag's variant is there for the
newer patch nobody has looked either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.dockerfile_change import rebased
from lightship.bases.newer import newer_patch, next_release
from lightship.rules.smell import DockerfileRule, Fix, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.newer import Instead
    from lightship.dockerfile.stages import Stage
    from lightship.rules.smell import Matter


def _check(matter: Matter) -> Iterator[Smell]:
    stages = matter.build.stages
    for stage in stages.all:
        if stage.base_stage is not None or not stage.base_name or stage.index not in stages.shipped:
            continue
        known = matter.known
        patch = newer_patch(stage.base_name, known)
        # Of a release that has ended another rule speaks: no patch of it is worth moving to.
        if patch is not None and next_release(stage.base_name, known) is None:
            yield _smell(matter, stage, patch)


def _smell(matter: Matter, stage: Stage, patch: Instead) -> Smell:
    written = rebased(matter.build, stage, patch.name)
    fix = Fix(
        title=f"use {patch.name}",
        tier="unsafe",
        edits=written.edits,
        notes=("The system's packages in it are newer, too.", "Build it, and run the tests."),
    )
    return Smell(
        position=stage.first,
        message=f"{patch.says}.",
        fix=None if written.unfixed else fix,
        unfixed=written.unfixed,
    )


RULE = DockerfileRule(
    name="old-patch",
    title="Base images of an old patch",
    severity="info",
    confidence="certain",
    advice="Pin the newest patch of the release, or name the release alone.",
    page=__doc__,
    check=_check,
    fixes=("unsafe",),
)
