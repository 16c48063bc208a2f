r"""An instruction takes a file from the build context that the ignore file leaves out.

## Why it matters

The build fails: the builder does not see the file, and says that it is not there, although it lies
in the folder.

## What to do

Let it in again, behind the line that ignores it:

```
*.json
!package.json
```

## What it cannot see

Sources whose variables have no value in the file. Where only a part of a directory is ignored, or a
wildcard still finds something, the build goes on, and nothing is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.context.needs import missing_sources
from lightship.rules.sending import ContextRule, ContextSmell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.sending import Sending


def _check(sending: Sending) -> Iterator[ContextSmell]:
    for one in missing_sources(sending.context):
        step, pattern = one.use.step, one.pattern
        verb = "mounts" if step.keyword == "RUN" else "takes"
        yield ContextSmell(
            message=f"{step.keyword} {verb} {one.source}, which line {pattern.line} of "
            f"{sending.context.ignore_name}, {pattern.cleaned[:80]}, ignores: the build fails.",
            position=step.position,
            paths=(one.path,),
            advice=f"Write !{one.path} behind that line, or do not take it.",
        )


RULE = ContextRule(
    name="ignored-file-copied",
    title="A file is copied that the ignore file leaves out",
    severity="error",
    confidence="certain",
    advice="Let it in again with a line that begins with !, or do not take it.",
    page=__doc__,
    check=_check,
)
