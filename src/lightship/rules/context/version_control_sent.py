r"""The history of the project, `.git` and its like, is sent with the project's files.

## Why it matters

A history holds every version of every file, also of passwords that were removed later: whoever can
pull the image can read them. It is often larger than the project itself, and it changes with each
commit, so that every COPY that takes it is built anew.

## What to do

Leave it out in `.dockerignore`:

```
.git
```

What needs the version can get it as a build argument, or mount the history where it is needed:

```dockerfile
RUN --mount=type=bind,source=.git,target=.git git describe > /app/version
```

## What it cannot see

Whether something in the image reads the history. What an instruction asks for by its name is not
told. In a stage that does not ship, it is an info.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.sending import ContextRule
from lightship.rules.sent import Lot, directories, smells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.survey import Place
    from lightship.rules.sending import ContextSmell, Sending

_NAMES = frozenset((".git", ".hg", ".svn", ".bzr", ".jj", "_darcs", "CVS"))


def _check(sending: Sending) -> Iterator[ContextSmell]:
    yield from smells(sending, directories(sending, _is_meant), "warning")


def _is_meant(place: Place) -> Lot | None:
    return Lot(path=place.path) if place.path.rpartition("/")[2] in _NAMES else None


RULE = ContextRule(
    name="version-control-sent",
    title="The history of version control is sent",
    severity="warning",
    confidence="certain",
    advice="Leave it out: lightship context init --merge writes the line into .dockerignore.",
    page=__doc__,
    check=_check,
)
