r"""An ignore file lies there, and the build does not read it.

Docker reads `<Dockerfile>.dockerignore` beside the Dockerfile, and only without one the
`.dockerignore` in the root of the context; never both. `.containerignore` is read by buildah and
podman alone.

## Why it matters

Who changes the file wonders why nothing happens. What it should leave out, secrets among it, is
sent all the same.

## What to do

Put the lines into the file that is read, in the root of the context:

```
mv docker/.dockerignore .dockerignore
```

## What it cannot see

Which folder is the context when nobody says it: it takes the Dockerfile's own, unless `--context`
names another. A file that another builder or another Dockerfile reads is an info.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from lightship.context.folder import Folder
from lightship.context.ignore_file import read_ignore_file
from lightship.rules.sending import ContextRule, ContextSmell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.model.finding import Severity
    from lightship.rules.sending import Sending

_MISSPELLED = (
    "dockerignore",
    ".Dockerignore",
    ".DockerIgnore",
    ".dockerignore.txt",
    ".dockerignor",
)


def _check(sending: Sending) -> Iterator[ContextSmell]:
    context = sending.context
    for name, severity, why in _unread(sending):
        read = context.ignore_name
        if read is not None and not _lost(sending, name):
            continue
        instead = f"{read} is read in its place" if read is not None else "no ignore file is read"
        yield ContextSmell(
            message=f"{name} is not read: {why}; {instead}.",
            paths=(name,),
            severity=severity if read is None else "info",
        )


def _unread(sending: Sending) -> Iterator[tuple[str, Severity | None, str]]:
    """Names that are there, how bad it is if none else is read, and why they are not."""
    context = sending.context
    dockerfile = context.dockerfile
    own = f"{dockerfile}.dockerignore" if dockerfile is not None else ""
    candidates: list[tuple[str, Severity | None, str]] = [
        (name, None, "its name is not .dockerignore") for name in _MISSPELLED
    ]
    if context.builder != "buildah":
        candidates.append((".containerignore", None, "only buildah and podman know it"))
    candidates.append((".dockerignore", "info", "another file comes before it"))
    if dockerfile is not None:
        candidates.append((own, None, "the legacy builder does not know it"))
        folder = posixpath.dirname(dockerfile)
        if folder:
            beside = posixpath.join(folder, ".dockerignore")
            candidates.append((beside, None, "it is not in the root of the context"))
    there = {*_names(sending, ""), *_names(sending, posixpath.dirname(dockerfile or ""))}
    for name, severity, why in candidates:
        if name != context.ignore_name and name in there:
            yield name, severity, why


def _names(sending: Sending, folder: str) -> Iterator[str]:
    """The exact names in a directory: on some systems another case opens a file too."""
    try:
        for one in (sending.context.root / folder).iterdir():
            yield posixpath.join(folder, one.name)
    except (OSError, ValueError):
        return


def _lost(sending: Sending, name: str) -> bool:
    """Whether it has a line that the file which is read does not have."""
    text = Folder.open(sending.context.root).text(name)
    if text is None:
        return False
    lines = {one.cleaned for one in sending.context.ignore.patterns}
    return any(one.cleaned not in lines for one in read_ignore_file(text.encode()).patterns)


RULE = ContextRule(
    name="ignore-file-not-read",
    title="An ignore file that the build does not read",
    severity="warning",
    confidence="certain",
    advice="Move its lines to the file that is read, or remove it.",
    page=__doc__,
    check=_check,
)
