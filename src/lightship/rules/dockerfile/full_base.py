r"""The final stage stands on the full variant of an image that has a slim sibling.

## Why it matters

`python:3.13` is 413 MB on the wire, `python:3.13-slim` 43 MB: the same Python on the same Debian,
without compilers, headers, git and image libraries that few applications need when they run. Every
node that runs the application pulls the difference.

## What to do

Use the sibling in the final stage, and install there what the application does need:

```dockerfile
FROM python:3.13-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq5 \
    && rm -rf /var/lib/apt/lists/*
```

What has to be compiled is compiled in a stage of its own, on the full image, and copied.
`lightship fix --unsafe` writes the other tag where no instruction of the stage calls a program that
the sibling lacks. Then build and test: that is the part that no reading of a Dockerfile replaces.

## What it cannot see

What your application calls when it runs, and packages that compile while they are installed. Sizes
are of this very release where the catalogue of bases has it, else of another one of the same image,
compressed for linux/amd64; releases of an image weigh about as much. What `lightship base update`
learnt on this machine is used; without its file the figures are those of this version of lightship.
Siblings on Alpine are smaller still, but use musl: they are named, and never written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.bases.dockerfile_change import rebased
from lightship.bases.newer import smaller_sibling
from lightship.catalogue.estimates import Estimate, other_base
from lightship.catalogue.smaller_bases import SmallerBase, smaller_bases
from lightship.dockerfile.image_name import image_name
from lightship.rules.smell import DockerfileRule, Fix, Saving, Smell
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.build import Build
    from lightship.dockerfile.stages import Stage
    from lightship.rules.smell import Matter


_INSTALLS = frozenset(("install", "add"))
_ALL_TOOLS = "build-essential"


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    for stage in build.stages.all:
        if stage.index not in build.stages.shipped or not stage.base_name:
            continue
        name = image_name(stage.base_name)
        row = smaller_bases().get(name.repository)
        if row is None or name.digest is not None:
            continue
        tag = row.sibling(name.tag) if name.tag else None
        if tag is not None:
            yield _smell(matter, stage, row, tag)


def _smell(matter: Matter, stage: Stage, row: SmallerBase, tag: str) -> Smell:
    missing = _missing(matter.build, stage, row)
    written = rebased(matter.build, stage, f"{row.image}:{tag}")
    weighed = _weighed(matter, stage, row, tag)
    sizes = ""
    if weighed is not None:
        full, small = (format_bytes(size) for size in weighed.wire_bytes)
        sizes = f" ({row.image}:{weighed.tags[1]} is {small} on the wire, {weighed.tags[0]} {full})"
    musl = ""
    if row.musl is not None:
        musl = f" On musl there is {row.image}:{row.musl[0]} with {format_bytes(row.musl[1])}."
    unfixed = missing or written.unfixed
    fix = Fix(
        title=f"use {row.image}:{tag}",
        tier="unsafe",
        edits=written.edits,
        notes=(row.loses, "Build it and run the application's tests."),
    )
    return Smell(
        position=stage.first,
        message=f"{row.image}:{tag} is the same release with less in it{sizes}.{musl}",
        fix=None if unfixed else fix,
        unfixed=unfixed,
        saving=Saving(
            kind="base",
            positions=(stage.first,),
            estimate=f"slim-{row.image}",
            looked_up=weighed.saves if weighed is not None else None,
        ),
    )


class _Weighed(Struct, frozen=True):
    """What both weigh: of this very release where the catalogue has it, else of the example."""

    tags: tuple[str, str]
    wire_bytes: tuple[int, int]
    saves: Estimate | None = None


def _weighed(matter: Matter, stage: Stage, row: SmallerBase, tag: str) -> _Weighed | None:
    own = image_name(stage.base_name or "").tag or ""
    known = matter.known
    found = smaller_sibling(f"{row.image}:{own}", known)
    if found is not None and found.wire_bytes is not None and not found.is_example:
        full, small = found.wire_bytes
        if small >= full:
            return None
        source = f"{row.image}:{own} and {row.image}:{tag} as the catalogue of bases has them"
        return _Weighed((own, tag), found.wire_bytes, other_base(found.wire_bytes, source))
    return _Weighed(row.example, row.wire_bytes) if row.wire_bytes is not None else None


def _missing(build: Build, stage: Stage, row: SmallerBase) -> str | None:
    """Which program that the sibling lacks an instruction of the image calls."""
    installed: set[str] = set()
    for index in sorted(build.stages.upon(stage.index) & build.stages.shipped):
        for step in build.runs(build.stages.all[index]):
            for command in step.script.commands if step.script else ():
                words = {word.text for word in command.operands()}
                if words & _INSTALLS:
                    installed |= words
                elif command.name in row.lacks and not installed & {command.name, _ALL_TOOLS}:
                    return f"line {step.line} calls {command.name}, which the smaller one lacks"
    return None


RULE = DockerfileRule(
    name="full-base",
    title="A full base image where a slim one exists",
    severity="warning",
    confidence="likely",
    advice="Use the slim variant in the final stage, and install there what is needed.",
    page=__doc__,
    check=_check,
    fixes=("unsafe",),
)
