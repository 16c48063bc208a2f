r"""No ignore file leaves anything out of the build context.

## Why it matters

All that lies in the folder is sent as soon as an instruction copies everything: the history of
version control, installed dependencies, caches, data, `.env` with its passwords. Who copies only
what is needed today may copy everything tomorrow.

## What to do

Have one written that fits the project:

```
lightship context init
```

## What it cannot see

Whether everything in the folder is meant for the image. With BuildKit it is an info where no
instruction takes the whole context, or all of it is below 100 kB; without a Dockerfile nobody can
know. `lightship lint` says it at the COPY: see [everything-copied](everything-copied.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.sending import ContextRule, ContextSmell
from lightship.rules.sent import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.sending import Sending

_SMALL = 100_000
"""Fewer content bytes are no reason to warn."""
_NAMES = {"buildah": ".containerignore or .dockerignore"}


def _check(sending: Sending) -> Iterator[ContextSmell]:
    context, survey = sending.context, sending.survey
    if context.ignore_name is not None or not survey.sent.files:
        return
    if context.wanted is not None and not context.wanted.uses and not sending.sends_unused:
        return
    totals = survey.sent if sending.sends_unused else survey.used
    size = amount(totals.files, totals.content_bytes, is_whole=sending.is_whole)
    is_all = context.wanted is None or context.wanted.is_whole or sending.sends_unused
    yield ContextSmell(
        message=f"There is no {_NAMES.get(context.builder, '.dockerignore')}: {size} are sent.",
        files=totals.files,
        content_bytes=totals.content_bytes,
        severity=None if is_all and totals.content_bytes >= _SMALL else "info",
    )


RULE = ContextRule(
    name="no-ignore-file",
    title="No ignore file leaves anything out",
    severity="warning",
    confidence="certain",
    advice="Have one written: lightship context init.",
    page=__doc__,
    check=_check,
    in_lint=False,
)
