r"""A RUN changes owner or mode of what was just copied, and so stores all of it a second time.

## Why it matters

A layer holds whole files. `chown -R` on a folder that a COPY wrote puts each of its files into the
RUN's layer again, with the same content: the copy takes twice its size.

## What to do

Let COPY set the owner:

```dockerfile
COPY --chown=app:app . /app
```

`--chmod=755` does the same for modes; it needs BuildKit and holds for files and folders alike. A
folder that was there before the copy, made by WORKDIR for one, keeps its owner: the fix leaves a
`chown` without `-R` for it, which stores no file.

## What it cannot see

What the base image has in that folder: the fix offers folders that bases do not fill. Modes like
`u+x` depend on each file's own: those are only reported. A single file of a mode like `+x` is
small mostly, and not reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.ownership import owned_copies
from lightship.rules.smell import DockerfileRule, Fix, Saving, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.smell import Matter


def _check(matter: Matter) -> Iterator[Smell]:
    for found in owned_copies(matter.build):
        joint, command = found.joined, found.command
        positions = (*(copy.position for copy in found.copies), found.step.position)
        made = found.made
        yield Smell(
            position=found.step.position,
            start=joint.source(command.start),
            end=joint.source_end(command.end),
            message=f"{command.name} stores what line {found.copies[0].line} copied a second time.",
            fix=made if isinstance(made, Fix) else None,
            unfixed=made if isinstance(made, str) else None,
            saving=Saving(kind="copies", positions=positions),
        )


RULE = DockerfileRule(
    name="ownership-after-copy",
    title="Owner or mode changed after COPY",
    severity="warning",
    confidence="certain",
    advice="Use COPY --chown or COPY --chmod.",
    page=__doc__,
    check=_check,
    fixes=("safe", "unsafe"),
)
