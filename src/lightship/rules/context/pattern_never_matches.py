r"""A pattern that no path of any build context can match.

## Why it matters

Whoever wrote it believes that something is left out: `.` and `/` do not stand for everything, and
`../data` leads out of the context, where nothing is sent from anyway.

## What to do

For everything, write:

```
*
```

And for a path, write it from the root of the context: the folder that the build is given, not the
one where the ignore file or the Dockerfile lies.

## What it cannot see

What was meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.covering import MOST_PATTERNS
from lightship.rules.sending import ContextRule, ContextSmell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.sending import Sending


def _check(sending: Sending) -> Iterator[ContextSmell]:
    for pattern in sending.context.ignore.patterns[:MOST_PATTERNS]:
        written = pattern.text.strip()
        if pattern.glob in (".", "/", ""):
            message = f"{written[:80]} matches nothing: everything is *."
        elif pattern.glob == ".." or pattern.glob.startswith("../"):
            message = f"{written[:80]} leads out of the context, and matches nothing."
        else:
            continue
        yield ContextSmell(message=message, line=pattern.line)


RULE = ContextRule(
    name="pattern-never-matches",
    title="A pattern that can match nothing",
    severity="warning",
    confidence="certain",
    advice="Write the path from the root of the context, or take the line out.",
    page=__doc__,
    check=_check,
)
