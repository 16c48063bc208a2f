r"""A RUN upgrades all packages of the base image.

## Why it matters

An upgraded package is in the image twice: as the base has it, and as the upgrade wrote it, in a
layer of its own. What it brings depends on the day of the build, and the build cache keeps the day
of the first one.

## What to do

Take a newer base, and build again when there is one; that brings the same corrections without a
second copy. To correct one package at once, name it:

```dockerfile
FROM debian:13-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends --only-upgrade openssl \
    && rm -rf /var/lib/apt/lists/*
```

## What it cannot see

How old the base image is: with one that nobody renews an upgrade may be what security needs. So it
is never removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.package_calls import package_calls
from lightship.rules.smell import DockerfileRule, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.package_calls import PackageCall
    from lightship.rules.smell import Matter

_CHOOSING = ("--security", "--sec-severity", "--advisory", "--cve", "--bugfix", "--category")


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    for step in build.runs():
        if step.script is None or not build.is_shipped(step):
            continue
        call = next((call for call in package_calls(step.script) if _upgrades_all(call)), None)
        if call is not None:
            joined = step.body.joined if step.body is not None else None
            yield Smell(
                position=step.position,
                start=joined.source(call.command.start) if joined else None,
                end=joined.source_end(call.command.end) if joined else None,
                message=f"{call.program} {call.verb.text} writes packages of the base anew.",
            )


def _upgrades_all(call: PackageCall) -> bool:
    return (
        call.verb.text in call.manager.upgrades
        and not call.operands
        and not any(call.has(option) for option in _CHOOSING)
    )


RULE = DockerfileRule(
    name="distribution-upgrade",
    title="An upgrade of all packages",
    severity="info",
    confidence="certain",
    advice="Take a newer base image instead.",
    page=__doc__,
    check=_check,
    codes=("DL3005",),
)
