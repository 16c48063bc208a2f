r"""A base image without a tag, or with one that moves to another release by itself.

## Why it matters

`FROM python` and `FROM node:latest` mean what the registry has on the day of the build: another
language, another Debian, another size. A build that worked last week breaks, and nobody changed
anything; what was measured then is not what is deployed now.

## What to do

Name the release, and the variant that the image needs:

```dockerfile
FROM python:3.13-slim
```

A digest (`python:3.13-slim@sha256:...`) pins the very bytes; then something has to move it when
security fixes come.

## What it cannot see

Tags that move within a release (`3.13`, `bookworm`) are meant to: they bring the fixes. What a
build argument without a default will be is not known either. It is never fixed: which release your
application needs is yours to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.dockerfile.image_name import image_name
from lightship.rules.smell import DockerfileRule, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.smell import Matter

_MOVING = frozenset(
    (
        "latest",
        "stable",
        "oldstable",
        "testing",
        "unstable",
        "sid",
        "edge",
        "rolling",
        "devel",
        "nightly",
        "rawhide",
        "mainline",
        "current",
        "lts",
        "slim",
        "alpine",
        "main",
        "master",
    )
)


def _check(matter: Matter) -> Iterator[Smell]:
    for stage in matter.build.stages.all:
        if stage.base_stage is not None or not stage.base_name or stage.base_name == "scratch":
            continue
        name = image_name(stage.base_name)
        if name.digest is not None or not name.repository:
            continue
        if name.tag is None:
            message = f"{name.repository} has no tag: it is whatever the registry calls latest."
        elif name.tag.lower() in _MOVING:
            message = f"{name.repository}:{name.tag} moves to another release by itself."
        else:
            continue
        yield Smell(position=stage.first, message=message)


RULE = DockerfileRule(
    name="floating-base-tag",
    title="Base images whose release moves by itself",
    severity="info",
    confidence="certain",
    advice="Name the release: python:3.13-slim.",
    page=__doc__,
    check=_check,
    codes=("DL3006", "DL3007"),
)
