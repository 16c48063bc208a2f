r"""`apt-get install` brings packages that others only recommend.

## Why it matters

Debian and Ubuntu install what a package recommends along with what it needs: for a desktop that is
convenient, in an image it is programs that nobody calls. Of common packages it is 9 MB more in the
median; `python3-pip` alone brings a compiler with all its headers.

## What to do

Say `--no-install-recommends`, and name what your application does use:

```dockerfile
RUN apt-get update \
    && apt-get install -y --no-install-recommends git ca-certificates openssh-client \
    && rm -rf /var/lib/apt/lists/*
```

`lightship fix --unsafe` adds the option and says what goes with packages that it knows: the
certificates of `curl` and `wget`, the ssh client of `git`. Add what you need, build and test.

## What it cannot see

What your application calls when it runs, what packages of other archives recommend, and settings of
apt in the base image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.catalogue.package_managers import APT
from lightship.catalogue.recommended import RECOMMENDED
from lightship.dockerfile.editing import inserted
from lightship.rules.package_calls import package_calls, text_of
from lightship.rules.smell import DockerfileRule, Fix, Saving, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.dockerfile.build import Step
    from lightship.rules.package_calls import PackageCall
    from lightship.rules.smell import Matter

_SETTING = "Install-Recommends"
_SAID = (
    "--no-install-recommends",
    "--install-recommends",
    "--without-recommends",
    "--with-recommends",
    "-R",
    "-r",
    "--only-upgrade",
    "--download-only",
)
_OPTIONS = {"aptitude": "--without-recommends"}


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    told: set[int] = set()
    for step in build.steps:
        stage = step.stage
        if stage is None:
            continue
        if _SETTING in text_of(step) or (step.keyword == "FROM" and stage.base_stage in told):
            told.add(stage.index)
        if stage.index in told or step.script is None or not build.is_shipped(step):
            continue
        calls = [call for call in package_calls(step.script) if _brings_more(call)]
        if calls:
            yield _smell(step, calls)


def _brings_more(call: PackageCall) -> bool:
    return (
        call.manager is APT
        and call.verb.text in ("install", "satisfy")
        and bool(call.operands or call.command.name != call.program)
        and not any(call.has(option) for option in _SAID)
    )


def _smell(step: Step, calls: Sequence[PackageCall]) -> Smell:
    reason, body = step.fixed_reason, step.body
    first = calls[0]
    return Smell(
        position=step.position,
        start=body.joined.source(first.command.start) if body else None,
        end=body.joined.source_end(first.command.end) if body else None,
        message=f"{first.program} installs what packages only recommend, too.",
        fix=_fix(step, calls) if reason is None else None,
        unfixed=reason,
        # Which files they bring nobody can tell by their places: only the table knows.
        saving=Saving(
            kind="base",
            positions=(step.position,),
            estimate="recommended-packages",
            times=len(calls),
        ),
    )


def _fix(step: Step, calls: Sequence[PackageCall]) -> Fix | None:
    body = step.body
    if body is None:
        return None
    return Fix(
        title="install without recommended packages",
        tier="unsafe",
        edits=tuple(inserted(body.joined, call.verb.end, f" {_option(call)}") for call in calls),
        notes=(*_notes(calls), "Build it and run the application's tests."),
    )


def _option(call: PackageCall) -> str:
    return _OPTIONS.get(call.program, "--no-install-recommends")


def _notes(calls: Sequence[PackageCall]) -> Iterator[str]:
    """What goes with packages that are known, unless it is installed by name."""
    names = {word.text.partition("=")[0] for call in calls for word in call.operands}
    for name in sorted(names & RECOMMENDED.keys()):
        gone = [one for one in RECOMMENDED[name] if one not in names]
        if gone:
            yield f"{name} comes without {' and '.join(gone)}: name what you need of it."


RULE = DockerfileRule(
    name="recommended-packages",
    title="Packages that others only recommend",
    severity="info",
    confidence="certain",
    advice="Say --no-install-recommends, and name what the application uses.",
    page=__doc__,
    check=_check,
    codes=("DL3015",),
    fixes=("unsafe",),
)
