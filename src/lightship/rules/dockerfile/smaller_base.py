r"""The image that the Dockerfile built would be smaller on another base.

It is asked by name, and looks into the image: `lightship lint --select smaller-base --image IMAGE`.

## Why it matters

The base is most of many images: the application is carried by hundreds of megabytes of which it
uses little. Every node pulls them, and every hole in them is reported to you.

## What to do

Look at what speaks against the other base, and try it. `lightship fix --unsafe` writes it, with the
accounts, certificates and packages that have to come along:

```dockerfile
FROM python:3.13-slim
```

`lightship base suggest Dockerfile --image IMAGE` lists all candidates with their reasons.

## What it cannot see

What the application does after it has started, and whether the Dockerfile builds on the other base.
Bases are judged by the catalogue of bases, and a base that nobody has opened is never more than
worth a test: `lightship base check IMAGE --on BASE` looks into it. Sizes are compressed, those of
the whole image on the other base an estimate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.dockerfile_change import rebased
from lightship.catalogue.estimates import other_base
from lightship.rules.smell import DockerfileRule, Fix, Saving, Smell
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.smell import JudgedBase, Matter


def _check(matter: Matter) -> Iterator[Smell]:
    base, build = matter.judged_base, matter.build
    stage = next((one for one in build.stages.all if one.index in build.stages.shipped), None)
    if base is None or stage is None or stage.base_name in ("", base.name):
        return
    written = rebased(build, stage, base.name, base.instructions)
    now, then = (format_bytes(count) for count in base.image_wire_bytes)
    yield Smell(
        position=stage.first,
        message=f"On {base.name} the image would be ≈ {then} on the wire, now it is {now}; "
        f"the application {_says(base)}.",
        fix=None
        if written.unfixed
        else Fix(
            title=f"use {base.name}",
            tier="unsafe",
            edits=written.edits,
            leaves=1 + written.added if written.added else None,
            notes=(*_notes(base), "Build it and run the application's tests."),
        ),
        unfixed=written.unfixed,
        saving=Saving(
            kind="base",
            positions=(stage.first,),
            looked_up=other_base(
                base.image_wire_bytes, f"the image on {stage.base} and {base.name}"
            ),
        ),
    )


def _says(base: JudgedBase) -> str:
    return "runs there" if base.answer == "runs" else "needs a test there"


def _notes(base: JudgedBase) -> Iterator[str]:
    for clause in base.against:
        yield f"{clause[:1].upper()}{clause[1:]}."


RULE = DockerfileRule(
    name="smaller-base",
    title="A smaller base that the application may run on",
    severity="info",
    confidence="likely",
    advice="Look at what speaks against it, and try it.",
    page=__doc__,
    check=_check,
    asked=False,
    fixes=("unsafe",),
)
