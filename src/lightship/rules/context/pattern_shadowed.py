r"""A line does nothing, because another line leaves out the same, or all that is above it.

## Why it matters

It costs nothing but the time of whoever reads it, and of whoever changes it and wonders why nothing
happens: `node_modules` beside `**/node_modules`, `docs/api` beside `docs`.

## What to do

Take out the narrower line:

```
**/node_modules
docs
```

## What it cannot see

Lines that are pointless for other reasons: it says only what holds for every context. Lines between
which one of the other kind stands, with or without `!`, are not compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.covering import pointless
from lightship.rules.sending import ContextRule, ContextSmell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.sending import Sending


def _check(sending: Sending) -> Iterator[ContextSmell]:
    for one in pointless(sending.context.ignore.patterns):
        mine, other = one.pattern, one.other
        same = "says the same" if mine.glob == other.glob else "says it as well"
        yield ContextSmell(
            message=f"{mine.cleaned[:80]} does nothing: line {other.line}, {other.cleaned[:80]}, "
            f"{same}.",
            line=mine.line,
        )


RULE = ContextRule(
    name="pattern-shadowed",
    title="A line that another line makes pointless",
    severity="info",
    confidence="certain",
    advice="Take the line out.",
    page=__doc__,
    check=_check,
)
