r"""A RUN installs with apt, apk, dnf, yum or zypper and leaves lists of packages in the image.

## Why it matters

Package managers fetch lists of all the packages there are before they install one: Debian's take
about 20 MB, Ubuntu's 40 MB or more, Fedora's 100 MB and more. They are of use to nobody: a later
installation has to fetch them anew. Deleting them in another RUN does not help, because the layer
that has them stays.

## What to do

Remove them in the RUN that fetched them:

```dockerfile
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq5 \
    && rm -rf /var/lib/apt/lists/*
```

With apk say `apk add --no-cache`, which needs no `apk update`; with dnf end with `dnf clean all`,
with zypper with `zypper clean --all`. A cache mount on the place is as good. `apt-get clean` does
not touch lists; the archives of packages it does remove are not kept by Debian's and Ubuntu's
images anyway.

## What it cannot see

Lists that scripts fetch, and whether images built upon this one install without an update. Where a
later RUN of this file does, or might, the lists are not removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.catalogue.package_managers import APK, APT, MANAGERS
from lightship.catalogue.removable import pattern_texts
from lightship.rules.apk_cache import left_out, without_cache
from lightship.rules.clean_up import cleaned_up
from lightship.rules.clearing import CLEANING, removes
from lightship.rules.list_uses import list_use
from lightship.rules.package_calls import package_calls
from lightship.rules.smell import DockerfileRule, Fix, Saving, Smell
from lightship.rules.still_there import called_sometimes, is_named_later

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.catalogue.package_managers import PackageManager
    from lightship.dockerfile.build import Build, Step
    from lightship.dockerfile.shell.script import Command
    from lightship.rules.list_uses import ListUse
    from lightship.rules.package_calls import PackageCall
    from lightship.rules.smell import Matter


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    for step in build.runs():
        script = step.script
        if script is None or not build.is_shipped(step):
            continue
        calls = list(package_calls(script))
        for manager in MANAGERS:
            mine = [call for call in calls if call.manager is manager]
            if _leaves_lists(step, manager, mine):
                smell = _smell(build, step, manager, mine)
                if smell is not None:
                    yield smell


def _leaves_lists(step: Step, manager: PackageManager, calls: Sequence[PackageCall]) -> bool:
    """Whether the RUN fetches lists and they are in its layer in the end."""
    if any(step.covered(place) for place in manager.places) or step.script is None:
        return False
    fetching = _fetching(manager, calls)
    if not fetching:
        return False
    last = max(call.command.start for call in fetching)
    return not any(
        _cleans(manager, command) for command in step.script.commands if command.start > last
    )


def _fetching(manager: PackageManager, calls: Sequence[PackageCall]) -> list[PackageCall]:
    """The calls after which lists are there."""
    if manager is APT:
        updates = any(call.updates for call in calls)
        return [call for call in calls if updates and (call.updates or call.installs)]
    return [
        call
        for call in calls
        if (call.installs or call.updates) and not (manager.flag and call.has(manager.flag))
    ]


def _cleans(manager: PackageManager, command: Command) -> bool:
    words = tuple(word.text for word in command.arguments if not word.text.startswith("-"))
    if command.name in manager.programs:
        return any(words[: len(clean)] == clean for clean in manager.cleans)
    if manager.system == "rpm" and words[:2] == ("clean", "all"):
        return True
    # A program of the image's own: `/cleanup.sh`, `clean-layer.sh`.
    return removes(command, manager.places) or bool(CLEANING.search(command.name))


def _smell(
    build: Build, step: Step, manager: PackageManager, calls: Sequence[PackageCall]
) -> Smell | None:
    fetching = _fetching(manager, calls)
    last = fetching[-1]
    use = list_use(build, step, manager)
    if manager is APT and use is not None and all(call.updates for call in fetching):
        return None  # an update for a later RUN: another rule's matter
    made = step.fixed_reason or _fix(build, step, manager, calls, use)
    joined = step.body.joined if step.body is not None else None
    return Smell(
        position=step.position,
        start=joined.source(last.command.start) if joined else None,
        end=joined.source_end(last.command.end) if joined else None,
        message=f"{last.program} leaves its lists of packages in the image.",
        fix=made if isinstance(made, Fix) else None,
        unfixed=made if isinstance(made, str) else None,
        saving=Saving(
            kind="paths",
            positions=(step.position,),
            patterns=pattern_texts(manager.row),
            estimate=manager.row,
        ),
    )


def _fix(
    build: Build,
    step: Step,
    manager: PackageManager,
    calls: Sequence[PackageCall],
    use: ListUse | None,
) -> Fix | str:
    if manager is APK:
        return without_cache(build, step, calls, use)
    if use is not None and use.is_certain:
        return use.reason
    last = _fetching(manager, calls)[-1]
    needless = left_out(build, step, [call for call in calls if call.updates])
    if needless is not None and use is None:
        return needless
    sudo = "sudo " if last.command.words[0].text == "sudo" else ""
    soon = False
    if manager is not APT and step.script is not None:
        soon = is_named_later(step.script, last.command, manager.programs | {"dnf", "yum"})
        reason = called_sometimes(step.script, last.command, last.program)
        if reason is not None:
            return reason
    commands = [sudo + one.format(program=last.program) for one in manager.clean_up]
    edits = cleaned_up(build, step, last.command, commands, soon=soon)
    if isinstance(edits, str):
        return edits
    return Fix(
        title="remove the package lists in the same RUN",
        tier="safe" if use is None else "unsafe",
        edits=edits,
        notes=() if use is None else (f"See that {use.reason}: it has to update them first.",),
    )


RULE = DockerfileRule(
    name="package-lists",
    title="Package lists left by an installation",
    severity="warning",
    confidence="certain",
    advice="Remove the lists in the RUN that fetched them.",
    page=__doc__,
    check=_check,
    codes=("DL3009", "DL3019", "DL3032", "DL3036", "DL3040"),
    fixes=("safe", "unsafe"),
)
