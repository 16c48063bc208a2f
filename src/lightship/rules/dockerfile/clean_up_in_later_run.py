r"""A RUN removes files or packages that an earlier RUN wrote: the image still has them.

## Why it matters

Every RUN makes a layer, and a layer only adds. What a later RUN deletes is hidden, not gone: its
bytes are stored, pushed and pulled with the layer below, and the marks that hide them come on top.

## What to do

Remove it in the RUN that wrote it, so that no layer ever has it:

```dockerfile
RUN curl -fsSLO https://example.org/tool.tar.gz \
    && tar -xzf tool.tar.gz -C /usr/local \
    && rm tool.tar.gz
```

## What it cannot see

Files that programs and scripts write without saying so in their arguments, and those that the base
image or a copied folder brings. Where more than one other RUN stands between the two, or they
cannot become one RUN without a change of what they do, it says why and changes nothing.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from lightship.rules.later_runs import joined, named, removed_later
from lightship.rules.smell import DockerfileRule, Fix, Saving, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.build import Build
    from lightship.rules.later_runs import Undone
    from lightship.rules.smell import Matter

_LISTS = "/var/lib/apt/lists/*"


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    for stage in build.stages.all:
        if stage.index not in build.stages.shipped:
            continue
        found = removed_later(build, stage)
        for _, group in groupby(found, key=lambda one: one.later.position):
            yield _smell(build, list(group))


def _smell(build: Build, found: list[Undone]) -> Smell:
    earlier, later = max((one.earlier for one in found), key=lambda step: step.position), found[0]
    mine = [one for one in found if one.earlier.position == earlier.position]
    made = joined(build, earlier, later.later)
    joint = later.later.body.joined if later.later.body is not None else None
    command = later.trace.command
    positions = {step.position for one in found for step in (one.earlier, one.later)}
    return Smell(
        position=later.later.position,
        start=joint.source(command.start) if joint else None,
        end=joint.source_end(command.end) if joint else None,
        message=f"This removes {named([one.left for one in mine])}, and the layer of line"
        f" {earlier.line} keeps it.",
        fix=made if isinstance(made, Fix) else None,
        unfixed=made if isinstance(made, str) else None,
        saving=Saving(
            kind="merge",
            positions=tuple(sorted(positions)),
            estimate="apt-lists" if any(one.left.path == _LISTS for one in mine) else None,
        ),
    )


RULE = DockerfileRule(
    name="clean-up-in-later-run",
    title="Files removed in a later RUN than the one that wrote them",
    severity="warning",
    confidence="certain",
    advice="Remove them in the RUN that wrote them.",
    page=__doc__,
    check=_check,
    fixes=("safe",),
)
