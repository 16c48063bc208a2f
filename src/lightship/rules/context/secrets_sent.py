r"""Keys, tokens and passwords are sent to the builder with the project's files.

It looks at names, and at what small files of those names hold.

## Why it matters

A COPY of everything puts them into the image, where everyone who can pull it can read them. Also
without one they are in the builder's cache, on a machine that others may use.

## What to do

Leave them out in `.dockerignore`:

```
.env
**/*.pem
```

What a build needs is mounted for the one instruction that reads it:

```dockerfile
RUN --mount=type=secret,id=npmrc,target=/app/.npmrc npm ci
```

## What it cannot see

Secrets in files whose names tell nothing. `lightship lint` says it at the COPY: see
[secrets-copied](secrets-copied.md). Nothing is printed but the place and the kind.
Below `tests`, `testdata`, `fixtures` and the like they are an info: such keys are mostly made for
the tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.secrets import is_among_tests, kind_of_name
from lightship.context.folder import Folder
from lightship.rules.sending import ContextRule
from lightship.rules.sent import Lot, smells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.model.finding import Severity
    from lightship.rules.sending import ContextSmell, Sending

_MOST = 1_000


def _check(sending: Sending) -> Iterator[ContextSmell]:
    kinds: dict[tuple[bool, bool], list[Lot]] = {}
    for lot in _lots(sending):
        key = (is_among_tests(lot.path), lot.confidence == "guess")
        kinds.setdefault(key, []).append(lot)
    for (is_for_tests, _), lots in sorted(kinds.items()):
        severity: Severity = "info" if is_for_tests else "error"
        yield from smells(sending, lots, severity, unless_named=False)


def _lots(sending: Sending) -> Iterator[Lot]:
    folder = Folder.open(sending.context.root)
    found = 0
    for file in sending.survey.files():
        kind = kind_of_name(file.path)
        if kind is None:
            continue
        found += 1
        if found > _MOST:
            return
        text = folder.text(file.path)
        if text is not None:
            kind = kind_of_name(file.path, text.encode())
        if kind is not None:
            yield Lot.of(file, kind.title, kind.confidence)


RULE = ContextRule(
    name="secrets-sent",
    title="Keys, tokens and passwords are sent",
    severity="error",
    confidence="likely",
    advice="Leave it out of the context, and mount it with RUN --mount=type=secret.",
    page=__doc__,
    check=_check,
    in_lint=False,
)
