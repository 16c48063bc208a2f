r"""Keys, tokens and passwords that get into the image: copied from the context, or written in it.

It looks at the names that COPY and ADD take, at what those files hold where the build context is
there, and at the values of ENV and ARG.

## Why it matters

Everyone who can pull the image can read them, also when a later instruction deletes the file: the
layer stays. Build arguments stand in the image's history. A secret that has been in an image that
was pushed is no longer one, and has to be replaced.

## What to do

Mount it for the one instruction that needs it; a mount is in no layer:

```dockerfile
RUN --mount=type=secret,id=npmrc,target=/app/.npmrc npm ci
```

Build it with `docker build --secret id=npmrc,src=$HOME/.npmrc .`, and name the file in
`.dockerignore`. What the application needs when it runs comes from the platform: a Secret of
Kubernetes or OpenShift, as a file or a variable.

## What it cannot see

Secrets in files whose names tell nothing, and what a directory holds where no context is there.
Nothing is printed but the place and the kind.
Below `tests`, `testdata`, `fixtures` and the like they are an info: such keys are mostly made for
the tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.secrets import is_among_tests, kind_of_name, kind_of_variable
from lightship.dockerfile.variables import settings_of
from lightship.rules.copied import copied_files
from lightship.rules.smell import DockerfileRule, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.secrets import SecretKind
    from lightship.rules.copied import Copied
    from lightship.rules.smell import Matter

_MOST = 20


def _check(matter: Matter) -> Iterator[Smell]:
    found = 0
    for copied in copied_files(matter, kind_of_name):
        kind = _kind(matter, copied)
        if kind is None:
            continue
        found += 1
        if found > _MOST:
            return
        for_tests = is_among_tests(copied.path)
        yield Smell(
            position=copied.step.position,
            message=f"{copied.step.keyword} takes {copied.path}: {kind.title}.",
            confidence=kind.confidence,
            severity="info" if kind.confidence == "guess" or for_tests else "error",
        )
    yield from _in_variables(matter)


def _kind(matter: Matter, copied: Copied) -> SecretKind | None:
    kind = kind_of_name(copied.path)
    if kind is None or matter.folder is None or copied.content_bytes is None:
        return kind
    text = matter.folder.text(copied.path)
    return kind if text is None else kind_of_name(copied.path, text.encode())


def _in_variables(matter: Matter) -> Iterator[Smell]:
    for step in matter.build.steps:
        shipped = step.stage is None or matter.build.is_shipped(step)
        if step.keyword not in ("ENV", "ARG") or not shipped:
            continue
        for setting in settings_of(step.instruction, matter.build.dockerfile.escape) or ():
            kind = kind_of_variable(setting.name, setting.value or "")
            if kind is not None:
                yield Smell(
                    position=step.position,
                    message=f"{step.keyword} {setting.name} holds a secret: {kind.title}.",
                    confidence=kind.confidence,
                    severity="error" if kind.confidence == "certain" else "warning",
                )


RULE = DockerfileRule(
    name="secrets-copied",
    title="Keys, tokens and passwords in the image",
    severity="error",
    confidence="likely",
    advice="Mount it with RUN --mount=type=secret, and leave it out of the build context.",
    page=__doc__,
    check=_check,
)
