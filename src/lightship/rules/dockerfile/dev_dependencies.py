r"""A stage that is in the image installs what only development needs: test runners, compilers.

It knows npm, Yarn 1, pnpm, Composer, Bundler, Poetry, PDM, uv and pip with a file such as
`requirements-dev.txt`.

## Why it matters

Dependencies of development are often more than the application's own: TypeScript alone is 30 MB.
Nothing reads them when the container runs, and scanners report their flaws all the same.

## What to do

Leave them out of the stage that is in the image:

```dockerfile
FROM node:22 AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:22-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && npm cache clean --force
COPY --from=build /app/dist dist
```

`lightship fix --unsafe` adds the option where no later instruction builds or tests with them.

## What it cannot see

Whether the project has such dependencies, if there is no build context to look at; scripts that
install; and applications that do need one of them when they run: those are listed wrongly.
"""

from __future__ import annotations

import re
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.dev_dependencies import DEV_INSTALLERS
from lightship.dockerfile.editing import inserted
from lightship.rules.package_calls import called, subcommand, text_of
from lightship.rules.smell import DockerfileRule, Fix, Saving, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.catalogue.dev_dependencies import DevInstaller
    from lightship.dockerfile.build import Build, Step
    from lightship.dockerfile.shell.script import Command, Word
    from lightship.rules.smell import Matter

_DEVELOPS = re.compile(
    r"(?:^|[\W_])(?:dev|develop|development|devel|test|tests|testing|ci)(?:[\W_]|$)"
)
_STARTS_DEVELOPING = re.compile(
    r"(?:^|[\W_])(?:dev|develop|development|test|tests|watch|nodemon|cypress|jest|pytest|ng)(?:[\W_]|$)"
)
_USES = re.compile(
    r"\b(?:(?:npm|yarn|pnpm|bun)\s+(?:run|test|build|exec)|npx|tsc|vite|webpack|ng\s+build|next\s+build"
    r"|gulp|grunt|rollup|esbuild|jest|pytest|phpunit|rspec|rake|rails\s+assets|tox|mypy|ruff|make)\b"
)
_REQUIREMENTS = re.compile(
    r"(?:.*[/_.-])?(?:dev|develop|development|tests?|testing|lint|ci)(?:[/_.-].*)?\.(?:txt|in)"
)
_MOST_INSTALLS = 20
_PIP = re.compile(r"pip[\d.]*")
_OLD_NODE = re.compile(r"(?:.*/)?node:(?:v?(?:[0-9]|1[0-4]))(?:[.-].*)?")


class _Install(Struct, frozen=True):
    """An installation: who installs, where an option would go, and what it is called."""

    installer: DevInstaller | None
    command: Command
    place: Word
    name: str


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    if _is_for_development(build):
        return
    for step in build.runs():
        if step.script is None or not build.is_shipped(step):
            continue
        for install in islice(_installs(step), _MOST_INSTALLS):
            if not _has_none(matter, install.installer):
                yield _smell(build, step, install)


def _is_for_development(build: Build) -> bool:
    """Whether the image itself is made to develop or to test in."""
    stages = build.stages
    for step in build.shipped():
        if step.keyword in ("CMD", "ENTRYPOINT") and _STARTS_DEVELOPING.search(
            step.instruction.value
        ):
            return True
    names = [stages.all[index].name or "" for index in stages.shipped]
    return any(_DEVELOPS.search(name) for name in names)


def _installs(step: Step) -> Iterator[_Install]:
    commands = step.script.commands if step.script is not None else ()
    for number, command in enumerate(commands):
        what = called(command)
        if _PIP.fullmatch(what.program):
            found = _requirements(what.words)
            if found is not None:
                yield _Install(None, command, found, f"pip installs {found.text}")
            continue
        for installer in DEV_INSTALLERS:
            if what.program not in installer.programs:
                continue
            verb = subcommand(what, installer.verbs, installer.with_value)
            if verb is None or verb.operands or _is_said(installer, step, command, what.words):
                continue
            if any(_prunes(installer, later) for later in commands[number + 1 :]):
                continue
            place = verb.last or command.words[len(command.words) - len(what.words) - 1]
            name = f"{what.program} {verb.last.text}" if verb.last else what.program
            yield _Install(
                installer, command, place, f"{name} takes dependencies of development along"
            )


def _requirements(words: tuple[Word, ...]) -> Word | None:
    texts = [word.text for word in words]
    if "install" not in texts:
        return None
    for word, after in pairwise(words):
        if word.text in ("-r", "--requirement") and _REQUIREMENTS.fullmatch(after.text[:300]):
            return after
    return None


def _is_said(
    installer: DevInstaller, step: Step, command: Command, words: tuple[Word, ...]
) -> bool:
    if any(word.text.partition("=")[0] in installer.said for word in words):
        return True
    given = {name: value or "" for name, value in step.scope.environment.items()}
    sets = [*command.assignments]
    for other in step.script.commands if step.script is not None else ():
        if other.name == "export" or not other.words:
            sets += [*other.assignments, *(word.text for word in other.arguments)]
        if other.name in installer.programs and any(word.text == "config" for word in other.words):
            return True
    given.update((name, value) for name, _, value in (one.partition("=") for one in sets))
    return any(given.get(name) for name in installer.variables)


def _prunes(installer: DevInstaller, command: Command) -> bool:
    what = called(command)
    if what.program not in installer.programs:
        return False
    verb = subcommand(what, installer.prunes, installer.with_value)
    options = {word.text.partition("=")[0] for word in what.words}
    return verb is not None and bool(options & set(installer.said))


def _has_none(matter: Matter, installer: DevInstaller | None) -> bool:
    """Whether the project's own list is there and has nothing for development."""
    if matter.folder is None or installer is None:
        return False
    text = matter.folder.text(installer.manifest)
    return text is not None and not any(mark in text for mark in installer.marks)


def _smell(build: Build, step: Step, install: _Install) -> Smell:
    installer, body = install.installer, step.body
    unfixed = step.fixed_reason or _needed(build, step, install)
    if unfixed is None and (installer is None or not installer.flag):
        unfixed = installer.instead if installer else "leave that file out where nothing needs it"
    fix = None
    if unfixed is None and installer is not None and body is not None:
        flag = installer.flag
        if step.stage is not None and _OLD_NODE.fullmatch(step.stage.base_name or ""):
            flag = flag.replace("--omit=dev", "--only=production")
        fix = Fix(
            title=f"add {flag}",
            tier="unsafe",
            edits=(inserted(body.joined, install.place.end, f" {flag}"),),
            notes=(
                "Nothing that builds, tests or runs in this stage may need what is left out.",
                "Build it and run the application.",
            ),
        )
    return Smell(
        position=step.position,
        start=body.joined.source(install.command.start) if body else None,
        end=body.joined.source_end(install.command.end) if body else None,
        message=f"{install.name}.",
        fix=fix,
        unfixed=unfixed,
        saving=Saving(kind="base", positions=(step.position,), estimate="dev-dependencies"),
    )


def _needed(build: Build, step: Step, install: _Install) -> str | None:
    """Which instruction builds or tests with what would be left out."""
    body = step.body
    if body is not None and _USES.search(body.text, install.command.end):
        return "the same RUN builds with them"
    for later in build.after(step):
        if later.keyword == "RUN" and _USES.search(text_of(later)):
            return f"line {later.line} builds with them"
    return None


RULE = DockerfileRule(
    name="dev-dependencies",
    title="Dependencies of development in the image",
    severity="warning",
    confidence="likely",
    advice="Leave them out of the last stage; build in one of its own.",
    page=__doc__,
    check=_check,
    fixes=("unsafe",),
)
