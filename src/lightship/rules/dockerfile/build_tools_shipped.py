r"""Compilers, build tools or development files are installed in a stage that is in the image.

## Why it matters

A compiled program needs no compiler when it runs. `build-essential` is 270 MB, a `-dev` package
brings headers and static libraries, a JDK three times a JRE; every node pulls them, and what is
there can be used by whoever breaks in.

## What to do

Compile in a stage of its own, and copy what it made into the last one:

```dockerfile
FROM debian:13 AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev libpq-dev
COPY . /src
RUN make -C /src

FROM debian:13-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq5 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/app /usr/local/bin/app
```

Where that is not possible, install, compile and remove the tools in one RUN, as
`apk add --virtual .build` and `apk del .build` make easy. `lightship fix --unsafe --select
multi-stage` writes the two stages where it can.

## What it cannot see

Applications that compile when they run, such as some of Python's and R's, and images that are made
for building. What the base image brings is not counted here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.catalogue.build_tools import COMPILERS, JDK
from lightship.dockerfile.words import expand
from lightship.rules.package_calls import package_calls
from lightship.rules.smell import DockerfileRule, Saving, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.build import Step
    from lightship.dockerfile.shell.script import Script
    from lightship.rules.package_calls import PackageCall
    from lightship.rules.smell import Matter

_HEADERS = re.compile(r"[\w.+-]+-(?:dev|devel)")
_COMPILERS = re.compile(
    r"(?:gcc|g\+\+|gcc-c\+\+|clang|gfortran|llvm|rustc|golang|openjdk|ghc)[\w.+-]*|build-essential"
    r"|build-base|alpine-sdk|cargo|rust|go|base-devel|Development Tools|devel_basis|.*-jdk.*"
)
_MOST_NAMED = 4
_GROUPS = re.compile(r"@?(?:development|Development Tools|base-devel|devel_basis)")


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    for step in build.runs():
        script = step.script
        if script is None or not build.is_shipped(step):
            continue
        calls = list(package_calls(script))
        # Whoever removes packages in the same RUN knows what the image needs.
        if any(call.verb.text in call.manager.removes for call in calls):
            continue
        known = _variables(step, script)
        names = [name for call in calls if call.installs for name in _tools(call, known)]
        if names:
            yield _smell(step, list(dict.fromkeys(names)))


def _tools(call: PackageCall, known: dict[str, str | None]) -> Iterator[str]:
    patterns = [
        group.packages[call.manager.system]
        for group in (COMPILERS, JDK)
        if call.manager.system in group.packages
    ]
    for operand in call.operands:
        filled = operand.text if operand.literal else expand(operand.text, known)
        if _GROUPS.fullmatch(filled or ""):
            yield filled or ""
            continue
        for name in (filled or "").split():
            bare = name.partition("=")[0].partition(":")[0]
            if _HEADERS.fullmatch(bare) or any(one.fullmatch(bare) for one in patterns):
                yield bare


def _variables(step: Step, script: Script) -> dict[str, str | None]:
    """The variables with values that are known, those that the script sets first among them."""
    known = dict(step.scope.environment)
    for command in script.commands:
        for assignment in command.assignments if not command.words else ():
            name, _, value = assignment.partition("=")
            known[name] = value
    return known


def _smell(step: Step, names: list[str]) -> Smell:
    named = ", ".join(names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    verb = "is" if len(names) == 1 else "are"
    heavy = any(_COMPILERS.fullmatch(name) for name in names)
    return Smell(
        position=step.position,
        message=f"{named}{more} {verb} for building programs, not for running them.",
        severity=None if heavy else "info",
        # The table's row is a compiler with what it needs: a header file weighs nothing like it.
        saving=Saving(kind="base", positions=(step.position,), estimate="build-tools")
        if heavy
        else None,
    )


RULE = DockerfileRule(
    name="build-tools-shipped",
    title="Build tools installed where the program runs",
    severity="warning",
    confidence="likely",
    advice="Build in a stage of its own and copy what it made into the last stage.",
    page=__doc__,
    check=_check,
)
