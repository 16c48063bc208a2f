r"""`COPY .` takes the whole build context, and no ignore file leaves anything out.

## Why it matters

Everything in the folder gets into the image: `.git` with every version of every file, virtual
environments, `node_modules` built for another system, test data, and `.env` with its passwords. It
all is sent to the builder first, and any change in it builds again from this instruction on.

## What to do

Write a `.dockerignore` beside the Dockerfile, or name what is needed:

```dockerfile
COPY pyproject.toml ./
COPY src ./src
```

## What it cannot see

Which context a build uses: it takes the Dockerfile's own folder unless `--context` names another.
Without a folder to look at (standard input) it says nothing. In a stage that does not ship, it is
an info: only time is lost there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.dockerfile.copies import copy_of
from lightship.rules.smell import DockerfileRule, Smell
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.folder import Folder
    from lightship.rules.smell import Matter

_HISTORY = ".git/"


def _check(matter: Matter) -> Iterator[Smell]:
    folder = matter.folder
    if folder is None or folder.ignore_file(matter.name) is not None:
        return
    for step in matter.build.steps:
        copy = copy_of(step)
        if copy is None or copy.source is not None:
            continue
        if any(source in (".", "./", "/", "./.", "*", "./*") for source in copy.sources):
            shipped = matter.build.is_shipped(step)
            yield Smell(
                position=step.position,
                message=f"{step.keyword} takes everything, and there is no .dockerignore"
                f"{_content(folder)}.",
                severity="warning" if shipped else "info",
            )


def _content(folder: Folder) -> str:
    total = sum(one.content_bytes for one in folder.files)
    history = sum(one.content_bytes for one in folder.files if _HISTORY in one.path)
    what = f": {len(folder.files):,} files, {format_bytes(total)}" if folder.files else ""
    return what + (f", {format_bytes(history)} of it Git's history" if history else "")


RULE = DockerfileRule(
    name="everything-copied",
    title="The whole build context is copied, without an ignore file",
    severity="warning",
    confidence="certain",
    advice="Write a .dockerignore, or copy only what is needed.",
    page=__doc__,
    check=_check,
)
