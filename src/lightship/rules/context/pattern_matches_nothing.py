r"""Lines of the ignore file that leave nothing out of this context.

## Why it matters

A misspelled name looks like one that works. Most such lines are precautions, though, for what other
people's machines or other moments have: that is why it is an info, and one for all of them.

## What to do

Look through them. See which line decides about a path that should stay out:

```
lightship context why node_modules
```

## What it cannot see

What lies in the context on another machine. Names that tools are known to write (`node_modules`,
`.env`, `*.pyc`...) are spelled right, and not told. A line counts only for what it is the last to
match, so one whose work a later line does as well is among them. `lightship lint` asks it only by
name: in a fresh checkout nearly every line leaves nothing out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.catalogue.project_kinds import known_names
from lightship.rules.covering import pointless
from lightship.rules.sending import ContextRule, ContextSmell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.ignore_file import Pattern
    from lightship.rules.sending import Sending

_SHOWN = 5


def _check(sending: Sending) -> Iterator[ContextSmell]:
    if not sending.is_whole:
        return
    patterns = [one for one in sending.context.ignore.patterns if not one.is_exception]
    away = {one.pattern.line for one in pointless(sending.context.ignore.patterns)}
    idle = [
        one
        for one in patterns
        if one.line not in sending.survey.by_line
        and one.line not in away
        and one.glob.rpartition("/")[2] not in known_names()
    ]
    if idle:
        lines = "1 line leaves" if len(idle) == 1 else f"{len(idle):,} lines leave"
        yield ContextSmell(message=f"{lines} nothing out here: {_shown(idle)}.", line=idle[0].line)


def _shown(idle: list[Pattern]) -> str:
    shown = ", ".join(f"{one.glob[:60]} (line {one.line})" for one in idle[:_SHOWN])
    more = len(idle) - _SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown


RULE = ContextRule(
    name="pattern-matches-nothing",
    title="Lines that leave nothing out here",
    severity="info",
    confidence="likely",
    advice="See that none of them is misspelled.",
    page=__doc__,
    check=_check,
    in_lint=False,
)
