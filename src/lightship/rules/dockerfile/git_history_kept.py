r"""`git clone` in a stage that is in the image, and the repository's history stays there.

## Why it matters

A clone has every version of every file, often many times the size of the newest. Nothing reads it
when the container runs, and what was once committed by mistake is in it.

## What to do

Clone and remove the history in one RUN, or copy what is needed from another stage:

```dockerfile
RUN git clone --depth 1 --branch v2.1 https://example.org/tool.git /opt/tool \
    && rm -rf /opt/tool/.git
```

`ADD https://example.org/tool.git#v2.1 /opt/tool` leaves the history out by itself. `lightship fix
--unsafe` adds the removal where no later instruction asks git for anything.

## What it cannot see

Programs that read the history: builds that take their version from it, such as those of
setuptools-scm, and scripts that pull.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from lightship.rules.clean_up import cleaned_up
from lightship.rules.clearing import CLEANING, removed_paths
from lightship.rules.package_calls import called, subcommand, text_of
from lightship.rules.smell import DockerfileRule, Fix, Saving, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.dockerfile.build import Build, Step
    from lightship.dockerfile.shell.script import Command
    from lightship.rules.smell import Matter

_VALUES = (
    *("-C", "-c", "-b", "--branch", "--depth", "-o", "--origin", "-j", "--jobs", "--filter"),
    *("--config", "--reference", "--shallow-since", "--shallow-exclude", "--template", "-u"),
)
_SEPARATE = ("--separate-git-dir", "--bare", "--mirror")
_HARMLESS = ("clone", "config", "version", "ls-remote", "lfs")
_GIT = re.compile(r"(?<![\w./-])git(?![\w./-])")
_READS = re.compile(r"setuptools[-_]scm|versioneer|(?:\A|/)\.git\b")
_NAME = re.compile(r"([^/:]+?)(?:\.git)?/*\Z")
_PLAIN = re.compile(r"[\w.+@/-]+")
_WRITTEN = re.compile(r"(?:[\w.+@/-]|\$\w+|\$\{\w+\})+|\"(?:[\w.+@/-]|\$\w+|\$\{\w+\})+\"")
_LONGEST = 300
_MOST_CLONES = 50


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    for step in build.runs():
        script = step.script
        if script is None or not build.is_shipped(step):
            continue
        clones = (
            (number, command, target)
            for number, command in enumerate(script.commands)
            if (target := _target(command)) is not None
        )
        kept = [
            (command, target)
            for number, command, target in islice(clones, _MOST_CLONES)
            if not _is_removed(_places(step, target), script.commands[number + 1 :])
            and not (target.startswith("/") and step.covered(target))
        ]
        if kept:
            yield _smell(build, step, kept)


def _target(command: Command) -> str | None:
    """The directory that a `git clone` makes, as written; None for another command."""
    what = called(command)
    if what.program != "git" or any(word.text in _SEPARATE for word in what.words):
        return None
    clone = subcommand(what, ("clone",), _VALUES)
    if clone is None or not clone.operands:
        return None
    words = [word.text for word in clone.operands]
    if len(words) > 1:
        return words[1].rstrip("/") or "/"
    name = _NAME.search(words[0][-_LONGEST:].rstrip("/"))
    return name[1] if name else words[0]


def _places(step: Step, target: str) -> tuple[str, ...]:
    """Where a directory may be: as written, and below every directory that the script goes to."""
    if target.startswith("/"):
        return (target,)
    moves = [
        word.text
        for command in (step.script.commands if step.script is not None else ())
        if command.name in ("cd", "pushd")
        for word in command.operands()[:1]
    ]
    return (target, *(f"{one.rstrip('/')}/{target}" for one in (step.scope.workdir, *moves) if one))


def _is_removed(places: Sequence[str], after: Sequence[Command]) -> bool:
    """Whether a later command takes the history, all of the clone, or what it is in away."""
    last = places[0].rpartition("/")[2]
    moved = any(command.name == "mv" for command in after)
    for command in after:
        if CLEANING.search(command.name):
            return True
        for path in removed_paths(command):
            names = path.split("/")
            if ".git" in names or last in names:
                return True
            if any((place + "/").startswith(path + "/") for place in places):
                return True
            # `cd clone && ... && cd .. && rm -rf *`, or the clone has another name by now.
            if path in ("", "*") or "*" in path or "$" in path or moved:
                return True
    return False


def _smell(build: Build, step: Step, kept: Sequence[tuple[Command, str]]) -> Smell:
    first = kept[0][0]
    made = step.fixed_reason or _needed(build, step) or _fix(build, step, kept)
    joined = step.body.joined if step.body is not None else None
    places = [_path(step, target) for _, target in kept]
    known = [place for place in places if place is not None]
    return Smell(
        position=step.position,
        start=joined.source(first.start) if joined else None,
        end=joined.source_end(first.end) if joined else None,
        message=f"The history of {kept[0][1][-60:]} stays in the image.",
        fix=made if isinstance(made, Fix) else None,
        unfixed=made if isinstance(made, str) else None,
        saving=Saving(
            kind="paths",
            positions=(step.position,),
            patterns=tuple(f"{place}/.git" for place in known) or ("**/.git",),
        ),
    )


def _path(step: Step, target: str) -> str | None:
    if _PLAIN.fullmatch(target[:_LONGEST]) is None:
        return None
    if target.startswith("/"):
        return target
    commands = step.script.commands if step.script is not None else ()
    moves = any(one.name in ("cd", "pushd") for one in commands)
    return None if moves or step.scope.workdir is None else f"{step.scope.workdir}/{target}"


def _needed(build: Build, step: Step) -> str | None:
    for later in build.after(step):
        if later.keyword in ("RUN", "CMD", "ENTRYPOINT") and _asks(later):
            return f"line {later.line} may ask git"
    return None


def _asks(step: Step) -> bool:
    if step.script is None:
        return _GIT.search(text_of(step)) is not None
    for command in step.script.commands:
        what = called(command)
        if what.program == "git" and subcommand(what, _HARMLESS, _VALUES) is None:
            return True
        if any(_READS.search(word.text) for word in command.words):
            return True
    return False


def _fix(build: Build, step: Step, kept: Sequence[tuple[Command, str]]) -> Fix | str:
    script = step.script
    if script is None:
        return "its shell text does not parse"
    moves = any(one.name in ("cd", "pushd") for one in script.commands)
    histories = []
    for command, target in kept:
        written = _written(script.text, command, target)
        if command.within or _WRITTEN.fullmatch(written[:_LONGEST]) is None:
            return "where it clones to is known only when it runs"
        if moves and not target.startswith("/"):
            return "it changes directories"
        histories.append(f"{written}/.git")
    made = cleaned_up(build, step, kept[-1][0], [f"rm -rf {' '.join(histories)}"])
    if isinstance(made, str):
        return made
    return Fix(
        title="remove the history in the same RUN",
        tier="unsafe",
        edits=made,
        notes=("Nothing may ask git about it: builds that take their version from tags do.",),
    )


def _written(text: str, command: Command, target: str) -> str:
    """The directory as it has to be written again."""
    clone = subcommand(called(command), ("clone",), _VALUES)
    if clone is None or len(clone.operands) < 2:
        return target
    return text[clone.operands[1].start : clone.operands[1].end].rstrip("/")


RULE = DockerfileRule(
    name="git-history-kept",
    title="The history of a cloned repository",
    severity="warning",
    confidence="likely",
    advice="Remove .git in the RUN that clones, or clone in a stage of its own.",
    page=__doc__,
    check=_check,
    fixes=("unsafe",),
)
