r"""A pattern ends in `/`, and leaves out a file: Docker drops the slash, and takes either.

## Why it matters

In a `.gitignore` `build/` stands for directories alone. In a `.dockerignore` it is the same as
`build`, so that a script or a program of that name stays out as well, and a COPY of it fails.

## What to do

Let the file in again behind the line, or give one of the two another name:

```
build/
!build
```

## What it cannot see

Whether the file is needed. Where nothing but directories has that name, it says nothing.
"""

from __future__ import annotations

import posixpath
from functools import lru_cache
from typing import TYPE_CHECKING

from lightship.context.matching import Matcher
from lightship.context.walking import Kind
from lightship.rules.sending import ContextRule, ContextSmell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.ignore_file import Pattern
    from lightship.rules.sending import Sending


def _check(sending: Sending) -> Iterator[ContextSmell]:
    if not any(_ends(one.text) for one in sending.context.ignore.patterns):
        return
    told: set[int] = set()
    for place in sending.survey.places:
        for one in place.left_out:
            pattern = one.pattern
            if one.kind is Kind.DIRECTORY or pattern.line in told or not _ends(pattern.text):
                continue
            if _is_around(pattern, place.path):
                continue
            told.add(pattern.line)
            path = posixpath.join(place.path, one.name)
            yield ContextSmell(
                message=f"{pattern.text.strip()} leaves out {path}, which is no directory.",
                line=pattern.line,
                paths=(path,),
            )


@lru_cache(maxsize=1_000)
def _is_around(pattern: Pattern, directory: str) -> bool:
    """Whether it means the directory: a walk enters that all the same where there is a `!`."""
    return bool(directory) and Matcher((pattern,)).test(directory).ignored


def _ends(text: str) -> bool:
    written = text.strip()
    return len(written) > 1 and written.endswith("/")


RULE = ContextRule(
    name="trailing-slash",
    title="A pattern for directories leaves out a file",
    severity="warning",
    confidence="certain",
    advice="Let the file in again with a line that begins with !, or rename it.",
    page=__doc__,
    check=_check,
)
