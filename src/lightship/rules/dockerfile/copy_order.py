r"""All of the source is copied before dependencies are installed: every change installs them anew.

## Why it matters

The build cache holds up to the first instruction whose input changed. Where `COPY . .` comes before
`npm ci`, a change of any file fetches and installs every dependency again, and makes a new layer of
them that registries store and nodes pull, although nothing in it is new.

## What to do

Copy first what names the dependencies, install them, then copy the rest:

```dockerfile
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
```

## What it cannot see

Which of your files the installation reads: scripts that run in it, workspaces, local packages. So
it changes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.dockerfile.copies import copy_of
from lightship.rules.package_calls import called
from lightship.rules.smell import DockerfileRule, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.dockerfile.build import Build, Step
    from lightship.dockerfile.shell.script import Command
    from lightship.dockerfile.stages import Stage
    from lightship.rules.smell import Matter

_WHOLE = frozenset((".", "./", "/", "./."))
_SUBCOMMANDS = {
    "npm": ("ci", "install", "i"),
    "pnpm": ("install", "i", "fetch"),
    "bundle": ("install",),
    "composer": ("install",),
    "poetry": ("install",),
    "pipenv": ("install", "sync"),
    "uv": ("sync",),
}
_PIP = re.compile(r"pip[\d.]*")


def _check(matter: Matter) -> Iterator[Smell]:
    for stage in matter.build.stages.all:
        yield from _of_stage(matter.build, stage)


def _of_stage(build: Build, stage: Stage) -> Iterator[Smell]:
    whole: Step | None = None
    before: set[str] = set()
    for step in build.of(stage):
        copy = copy_of(step)
        if copy is not None and copy.source is None and _WHOLE.intersection(copy.sources):
            whole = whole or step
        for command in step.script.commands if step.script is not None else ():
            program = _installs(command)
            if program is None:
                continue
            if whole is None:
                before.add(program)
            elif program not in before and not step.mounts:
                yield Smell(
                    position=whole.position,
                    message=f"Everything is copied before {program} installs dependencies in line"
                    f" {step.line}, so that any change installs them anew.",
                )
                return


def _installs(command: Command) -> str | None:
    """The program, if it installs what the project's own files name."""
    what = called(command)
    words = [word.text for word in what.words]
    plain = [word for word in words if not word.startswith("-")]
    if _PIP.fullmatch(what.program):
        return "pip" if plain[:1] == ["install"] and _from_file(words) else None
    if what.program == "go":
        return "go" if plain[:2] == ["mod", "download"] else None
    if what.program == "yarn":
        return "yarn" if plain in ([], ["install"]) and "--version" not in words else None
    known = _SUBCOMMANDS.get(what.program)
    return what.program if known and len(plain) == 1 and plain[0] in known else None


def _from_file(words: Sequence[str]) -> bool:
    """Whether all that pip is to install stands in files: `-r requirements.txt`."""
    files = [
        at for at, word in enumerate(words) if word in ("-r", "--requirement", "-c", "--constraint")
    ]
    named = [
        word
        for at, word in enumerate(words)
        if not word.startswith("-") and word != "install" and at - 1 not in files
    ]
    joined = any(word.startswith(("-r", "--requirement=")) for word in words)
    return joined and not named


RULE = DockerfileRule(
    name="copy-order",
    title="Sources copied before dependencies are installed",
    severity="info",
    confidence="likely",
    advice="Copy what names the dependencies first, install them, then copy the rest.",
    page=__doc__,
    check=_check,
)
