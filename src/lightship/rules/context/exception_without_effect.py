r"""A line with `!` lets nothing in, because of where it stands.

## Why it matters

The last line that matches decides. An exception before the line that it is an exception from is
overruled by it, and one before all others has nothing to let in: what it names stays out, or would
have been sent anyway.

## What to do

Write first what is left out, then what is let in again:

```
*
!src
!pyproject.toml
```

## What it cannot see

Exceptions that have no effect because of what lies in the context. Where an exception loses against
a builder's ways, see [exception-lost](exception-lost.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.covering import MOST_PATTERNS, covering
from lightship.rules.sending import ContextRule, ContextSmell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.sending import Sending


def _check(sending: Sending) -> Iterator[ContextSmell]:
    patterns = sending.context.ignore.patterns[:MOST_PATTERNS]
    last = {one.glob: at for at, one in enumerate(patterns) if not one.is_exception}
    leaves_out = False
    for at, pattern in enumerate(patterns):
        if not pattern.is_exception:
            leaves_out = True
            continue
        above = (pattern.glob, *covering(pattern.glob))
        over = next((patterns[last[glob]] for glob in above if last.get(glob, -1) > at), None)
        text = pattern.cleaned[:80]
        if over is not None:
            message = f"{text} has no effect: line {over.line}, {over.glob[:80]}, overrules it."
        elif not leaves_out:
            message = f"{text} has no effect: no line before it leaves anything out."
        else:
            continue
        yield ContextSmell(message=message, line=pattern.line)


RULE = ContextRule(
    name="exception-without-effect",
    title="An exception that lets nothing in",
    severity="warning",
    confidence="certain",
    advice="Write it behind the line that it is an exception from, or take it out.",
    page=__doc__,
    check=_check,
)
