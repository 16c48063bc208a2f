r"""Data sets and model weights are sent to the builder with the project's files.

## Why it matters

Every build looks through them and sends what has changed, and a COPY of everything puts them into
the image: every node pulls them with every new version. On CSC's Rahti an image of more than 5 GiB
is refused.

## What to do

Leave them out in `.dockerignore`:

```
data
**/*.parquet
```

Keep them on a volume that is attached when the container starts, or in object storage.

## What it cannot see

What a file is whose name does not say. Files below 1 MB, or below the size that makes their type
worth moving, are passed over. `lightship lint` says it at the COPY: see
[data-copied](data-copied.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.catalogue.data_types import data_type_of
from lightship.rules.sending import ContextRule
from lightship.rules.sent import Lot, smells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.sending import ContextSmell, Sending

_SMALL = 1_000_000


def _check(sending: Sending) -> Iterator[ContextSmell]:
    yield from smells(sending, _lots(sending), "warning", unless_named=False)


def _lots(sending: Sending) -> Iterator[Lot]:
    for file in sending.survey.files():
        if file.content_bytes < _SMALL:
            continue
        name = file.path.rpartition("/")[2].encode("utf-8", "surrogateescape")
        kind = data_type_of(name)
        if kind is not None and file.content_bytes >= kind.least_bytes:
            yield Lot.of(file, kind.title)


RULE = ContextRule(
    name="data-sent",
    title="Data sets and model weights are sent",
    severity="warning",
    confidence="likely",
    advice="Leave it out of the context; keep it on a volume or in object storage.",
    page=__doc__,
    check=_check,
    in_lint=False,
)
