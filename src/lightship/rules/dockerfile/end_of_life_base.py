r"""A base image of a release whose makers no longer fix anything.

It reads the tags of FROM: the product's own release (`python:3.8`) and the system's beneath it
(`python:3.9-buster`, `node:16-alpine3.14`), and compares with a table of dates.

## Why it matters

Packages of a release that has ended get no security fixes, and its mirrors go away: the next build
fails at `apt-get update`, or installs what has known holes. Old bases also are often big: later
releases of the same image have become smaller more than once.

## What to do

Move to a release that is maintained, and test. `lightship fix --unsafe` writes the next one that is
supported for a while, of the same variant:

```dockerfile
FROM python:3.13-slim-trixie
```

## What it cannot see

What an image is whose tag does not say so (`company/base:7`), and support that is paid for (Ubuntu
Pro, extended support of Red Hat). Free extended support, such as Debian LTS, makes it an info. The
table has its date; `lightship` asks no server. That a release has ended is told by this table
alone; which one is next, and what it weighs, also by what `lightship base update` learnt on this
machine, so that without its file the same version says the same on the same day. Nobody has looked
whether the next release's image is there in the registry, nor what of the application needs the old
one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from lightship.bases.dockerfile_change import rebased
from lightship.bases.newer import newer_system, next_release
from lightship.catalogue.end_of_life import releases_in
from lightship.dockerfile.image_name import image_name
from lightship.rules.smell import DockerfileRule, Fix, Smell
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from lightship.bases.newer import Instead
    from lightship.catalogue.end_of_life import Release
    from lightship.dockerfile.stages import Stage
    from lightship.model.edit import Edit
    from lightship.rules.smell import Matter


def _check(matter: Matter) -> Iterator[Smell]:
    needed = matter.build.stages.needed
    for stage in matter.build.stages.all:
        if stage.base_stage is not None or not stage.base_name or stage.index not in needed:
            continue
        name = image_name(stage.base_name)
        releases = releases_in(name.repository, name.tag or "")
        over = [release for release in releases if release.ends < matter.today]
        if over:
            yield from _smells(matter, stage, over)


def _smells(matter: Matter, stage: Stage, over: list[Release]) -> Iterator[Smell]:
    """One for each release that has ended; the first carries the fix, for there is one FROM."""
    known = matter.known
    name = stage.base_name or ""
    instead = next_release(name, known) or newer_system(name, known)
    for at, release in enumerate(over):
        smell = _smell(stage.first, release, matter.today)
        if at or instead is None:
            yield smell
            continue
        written = rebased(matter.build, stage, instead.name)
        yield structs.replace(
            smell,
            message=f"{smell.message} {_next(instead)}",
            fix=None if written.unfixed else _fix(instead, written.edits),
            unfixed=written.unfixed,
        )


def _next(instead: Instead) -> str:
    weight = ""
    if instead.wire_bytes is not None:
        now, then = (format_bytes(count) for count in instead.wire_bytes)
        weight = f" ({then} on the wire, now {now})"
    return f"Next is {instead.name}{weight}."


def _fix(instead: Instead, edits: tuple[Edit, ...]) -> Fix:
    return Fix(
        title=f"use {instead.name}",
        tier="unsafe",
        edits=edits,
        notes=(
            "Packages have other versions there: one that is pinned or gone stops the build.",
            "Programs that were built for the old release may have to be built anew.",
            "Build it and run the application's tests.",
        ),
    )


def _smell(position: int, release: Release, today: date) -> Smell:
    what = f"{release.product} {release.release}"
    if release.extended is not None and release.extended >= today:
        return Smell(
            position=position,
            message=f"{what} has had its makers' support until {release.ends}; volunteers' goes on "
            f"until {release.extended}.",
            severity="info",
        )
    last = max(release.ends, release.extended or release.ends)
    return Smell(position=position, message=f"{what} has had no fixes since {last}.")


RULE = DockerfileRule(
    name="end-of-life-base",
    title="Base images of releases that have ended",
    severity="warning",
    confidence="certain",
    advice="Move to a release that is maintained, and test.",
    page=__doc__,
    check=_check,
    fixes=("unsafe",),
)
