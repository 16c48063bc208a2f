r"""Caches of interpreters, test runners and build tools are sent with the project's files.

Such as `__pycache__`, `.pytest_cache`, `.gradle` and `.terraform`, wherever they lie.

## Why it matters

Nothing in the image reads them. They change whenever somebody runs the tests, and then every COPY
that takes them, and all that follows it, is built anew although nothing of the project has changed.

## What to do

Leave them out in `.dockerignore`; `**/` stands for any directory, also none:

```
**/__pycache__
**/.pytest_cache
**/.mypy_cache
```

## What it cannot see

Whether somebody relies on one of them in the image. What an instruction asks for by its name is not
told. Below 1 MB it is an info.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.sending import ContextRule
from lightship.rules.sent import Lot, directories, is_small, smells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.survey import Place
    from lightship.model.finding import Severity
    from lightship.rules.sending import ContextSmell, Sending

NAMES = frozenset(
    (
        "__pycache__",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".hypothesis",
        ".tox",
        ".nox",
        ".ipynb_checkpoints",
        ".gradle",
        ".terraform",
        ".terragrunt-cache",
        ".cache",
        ".parcel-cache",
        ".turbo",
        ".sass-cache",
        ".nyc_output",
        ".pnpm-store",
        ".dart_tool",
        ".Rproj.user",
        ".vagrant",
        ".serverless",
        ".aws-sam",
        ".scannerwork",
        ".phpunit.cache",
        ".stack-work",
    )
)


def _check(sending: Sending) -> Iterator[ContextSmell]:
    lots = list(directories(sending, _is_meant))
    severity: Severity = "info" if is_small(sum(lot.content_bytes for lot in lots)) else "warning"
    yield from smells(sending, lots, severity)


def _is_meant(place: Place) -> Lot | None:
    return Lot(path=place.path) if place.path.rpartition("/")[2] in NAMES else None


RULE = ContextRule(
    name="caches-sent",
    title="Caches of tools are sent",
    severity="warning",
    confidence="likely",
    advice="Leave them out: lightship context init --merge writes the lines into .dockerignore.",
    page=__doc__,
    check=_check,
)
