r"""A line with `!` lets in less than it says, because of how builders walk.

## Why it matters

Builders do not ask about each path: they walk from the root, and remember for each directory what
its lines said. The legacy builder and buildah do not even look into a directory that is ignored,
unless the path of an exception begins with it. What the exception names then is missing in the
build, though the line stands there.

## What to do

Ignore less, or name the directories on the way:

```
*
!src
!src/**/*.py
```

## What it cannot see

What the builder of another machine does: it goes by `--builder`, and by BuildKit where none is
named. In a directory of which a large part is ignored it looks at the first 20,000 entries.
"""

from __future__ import annotations

import posixpath
from itertools import islice
from typing import TYPE_CHECKING

from lightship.context.context import Context
from lightship.context.survey import survey
from lightship.rules.sending import ContextRule, ContextSmell
from lightship.rules.sent import MOST_PATHS, amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.ignore_file import Pattern
    from lightship.rules.sending import Sending

_MOST = 20_000


class _Lost:
    """What one exception should let in."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.files = 0
        self.content_bytes = 0

    def add(self, path: str, files: int, content_bytes: int) -> None:
        self.paths.append(path)
        self.files += files
        self.content_bytes += content_bytes


def _check(sending: Sending) -> Iterator[ContextSmell]:
    patterns = sending.context.ignore.patterns
    if not any(one.is_exception for one in patterns):
        return
    lost: dict[int, tuple[Pattern, _Lost]] = {}
    found = _by_walk(sending) if sending.context.builder == "buildkit" else _by_builder(sending)
    for pattern, path, files, content_bytes in found:
        lost.setdefault(pattern.line, (pattern, _Lost()))[1].add(path, files, content_bytes)
    for line in sorted(lost):
        pattern, what = lost[line]
        # A directory that nobody looked into has no figures.
        size = f": {amount(what.files, what.content_bytes)}" if what.files else ""
        more = f" and {len(what.paths) - 1:,} more" if len(what.paths) > 1 else ""
        yield ContextSmell(
            message=f"{pattern.cleaned[:80]} does not let in {what.paths[0]}{more}{size}.",
            line=line,
            paths=tuple(what.paths[:MOST_PATHS]),
            files=what.files or None,
            content_bytes=what.content_bytes if what.files else None,
        )


def _by_walk(sending: Sending) -> Iterator[tuple[Pattern, str, int, int]]:
    """What is ignored although by its path alone an exception lets it in."""
    matcher = sending.context.matcher
    for place in sending.survey.places:
        for one in islice(place.left_out, _MOST):
            path = posixpath.join(place.path, one.name)
            decision = matcher.test(path)
            if not decision.ignored and decision.pattern is not None:
                yield decision.pattern, path, one.totals.files, one.totals.content_bytes


def _by_builder(sending: Sending) -> Iterator[tuple[Pattern, str, int, int]]:
    """What BuildKit would let in, and this builder does not."""
    context = sending.context
    sent = {file.path for file in sending.survey.files()}
    if context.ignore_name is None:
        return
    other = Context(context.root, ignore_file=context.root / context.ignore_name)
    for file in survey(other, count_ignored=False).files():
        if file.path not in sent:
            decision = other.matcher.walked(file.path)
            if decision.pattern is not None and not decision.ignored:
                yield decision.pattern, file.path, 1, file.content_bytes


RULE = ContextRule(
    name="exception-lost",
    title="An exception lets in less than it says",
    severity="warning",
    confidence="certain",
    advice="Let in the directories on the way as well, each with a line of its own.",
    page=__doc__,
    check=_check,
)
