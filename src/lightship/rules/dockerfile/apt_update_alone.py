r"""`apt-get update` in one RUN, and `apt-get install` in a later one.

## Why it matters

The build cache keeps the RUN that updates as long as its text stays the same. Add a package to the
other RUN weeks later, and it is installed from the old lists: the build fails on archives that are
gone, or installs versions with known flaws. And the lists cannot be removed in the layer that has
them, so they stay in the image.

## What to do

Make one RUN of the two, and clean up in it:

```dockerfile
RUN apt-get update \
    && apt-get install -y --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/*
```

`lightship fix` does it where the two follow each other; the clean-up is the fix of `package-lists`.

## What it cannot see

Scripts that install. Where other instructions stand between the two, nothing is moved: they may
change what the update reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.catalogue.package_managers import APT
from lightship.dockerfile.merging import following_run, merge
from lightship.rules.package_calls import package_calls
from lightship.rules.smell import DockerfileRule, Fix, Saving, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.build import Build, Step
    from lightship.rules.package_calls import PackageCall
    from lightship.rules.smell import Matter


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    waiting: dict[int, tuple[Step, PackageCall]] = {}
    for step in build.steps:
        stage = step.stage
        if stage is None:
            continue
        if step.keyword == "FROM" and stage.base_stage in waiting:
            waiting[stage.index] = waiting[stage.base_stage]
        calls = [call for call in _apt_calls(step) if not call.command.within]
        update = next((call for call in calls if call.updates), None)
        install = next((call for call in _apt_calls(step) if _installs_anew(call)), None)
        if update is None and install is not None and stage.index in waiting:
            yield _smell(build, *waiting.pop(stage.index), step)
        if update is not None:
            waiting.pop(stage.index, None)
            if install is None:
                waiting[stage.index] = (step, update)


def _apt_calls(step: Step) -> list[PackageCall]:
    calls = package_calls(step.script) if step.script is not None else ()
    return [call for call in calls if call.manager is APT]


def _installs_anew(call: PackageCall) -> bool:
    return call.installs and call.verb.text not in APT.upgrades


def _smell(build: Build, step: Step, call: PackageCall, user: Step) -> Smell:
    made = _fix(build, step, user)
    joined = step.body.joined if step.body is not None else None
    return Smell(
        position=step.position,
        start=joined.source(call.command.start) if joined else None,
        end=joined.source_end(call.command.end) if joined else None,
        message=f"The build cache keeps these lists apart from line {user.line}, which installs "
        "from them: they grow old.",
        fix=made if isinstance(made, Fix) else None,
        unfixed=made if isinstance(made, str) else None,
        saving=Saving(
            kind="paths",
            positions=(step.position,),
            patterns=("/var/lib/apt/lists/*",),
            estimate=APT.row,
        )
        if build.is_shipped(step)
        else None,
    )


def _fix(build: Build, step: Step, user: Step) -> Fix | str:
    following = following_run(build, step)
    if following is None or following.position != user.position:
        return f"other instructions stand between it and line {user.line}"
    merged = merge(build, step, user)
    if isinstance(merged, str):
        return merged
    return Fix(
        title="update and install in one RUN",
        tier="safe",
        edits=merged.edits,
        leaves=merged.leaves,
    )


RULE = DockerfileRule(
    name="apt-update-alone",
    title="An update of package lists in a RUN of its own",
    severity="warning",
    confidence="certain",
    advice="Update and install in one RUN, and remove the lists in it.",
    page=__doc__,
    check=_check,
    fixes=("safe",),
)
