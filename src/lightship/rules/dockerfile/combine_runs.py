r"""RUNs that follow each other and would take fewer bytes as one.

## Why it matters

A file that one RUN writes and the next changes (its mode, its owner, its place) is stored twice,
once in each layer. Apart from that two RUNs are as small as one, and keep the build cache useful:
so the rule is silent where no bytes are saved.

Some count layers all the same. Asked for by name (`--select combine-runs`), the rule makes one RUN
of all RUNs in a row that can become one without a change of what they do.

## What to do

```dockerfile
RUN curl -fsSLo /usr/local/bin/tool https://example.org/tool \
    && chmod 755 /usr/local/bin/tool
```

Commands that change their shell (`cd`, variables, `set`) come into parentheses. RUNs stay apart
where `set -e` holds in one of them only, where something may be left running, where their mounts
differ, and wherever else the result could differ.

## What it cannot see

What programs and scripts write without saying so in their arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.dockerfile.merging import following_run
from lightship.rules.later_runs import changed_later, joined, named, removed_later
from lightship.rules.smell import DockerfileRule, Fix, Saving, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.build import Build
    from lightship.dockerfile.stages import Stage
    from lightship.rules.later_runs import Undone
    from lightship.rules.smell import Matter

_NAME = "combine-runs"


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    for stage in build.stages.all:
        if stage.index in build.stages.shipped:
            if _NAME in matter.selected:
                yield from _every(build, stage)
            else:
                yield from _saving(build, stage)


def _every(build: Build, stage: Stage) -> Iterator[Smell]:
    for step in build.of(stage):
        other = following_run(build, step) if step.keyword == "RUN" else None
        made = joined(build, step, other) if other is not None else ""
        if other is not None and isinstance(made, Fix):
            yield Smell(
                position=other.position,
                message=f"This RUN can be one with that of line {step.line}.",
                fix=made,
                saving=Saving(kind="merge", positions=(step.position, other.position)),
            )


def _saving(build: Build, stage: Stage) -> Iterator[Smell]:
    told = {one.later.position for one in removed_later(build, stage)}
    by_run: dict[int, list[Undone]] = {}
    for one in changed_later(build, stage):
        if one.later.position not in told:
            by_run.setdefault(one.later.position, []).append(one)
    for position, found in by_run.items():
        earlier = max((one.earlier for one in found), key=lambda step: step.position)
        made = joined(build, earlier, found[0].later)
        mine = [one.left for one in found if one.earlier.position == earlier.position]
        yield Smell(
            position=position,
            message=f"This changes {named(mine)}, so that its bytes are in the layer of line"
            f" {earlier.line} and in this one.",
            fix=made if isinstance(made, Fix) else None,
            unfixed=made if isinstance(made, str) else None,
            saving=Saving(kind="merge", positions=(earlier.position, position)),
        )


RULE = DockerfileRule(
    name=_NAME,
    title="RUNs that are smaller as one",
    severity="info",
    confidence="certain",
    advice="Make one RUN of them.",
    page=__doc__,
    check=_check,
    codes=("DL3059",),
    fixes=("safe",),
)
