r"""Data sets and model weights that COPY or ADD put into the image.

## Why it matters

An image is pulled as a whole, by every node, for every new version. Data makes it big, and a new
image is needed whenever the data changes; on CSC's Rahti 5 GiB are refused and 1 GB counts as very
big. The application and its data change at different times, and belong in different places.

## What to do

Keep the data on a volume that is attached when the container starts, or in object storage, from
where it is fetched at start or when it is needed:

```dockerfile
VOLUME /data
ENTRYPOINT ["/usr/local/bin/with-data", "python3", "serve.py"]
```

## What it cannot see

What a directory holds where no build context is there, and what a file is whose name does not say.
With a context, files below the size that makes each type worth moving are passed over. Nothing is
fixed: where the data shall be is yours to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.catalogue.data_types import data_type_of
from lightship.rules.copied import copied_files
from lightship.rules.smell import DockerfileRule, Smell
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.catalogue.data_types import DataType
    from lightship.dockerfile.build import Step
    from lightship.rules.copied import Copied
    from lightship.rules.smell import Matter

_SMALL = 1_000_000


def _check(matter: Matter) -> Iterator[Smell]:
    found: dict[int, list[tuple[Copied, DataType]]] = {}
    steps: dict[int, Step] = {}
    for copied in copied_files(matter, _kind):
        kind = _kind(copied.path)
        if kind is None:
            continue
        if copied.content_bytes is None or copied.content_bytes >= max(kind.least_bytes, _SMALL):
            found.setdefault(copied.step.position, []).append((copied, kind))
            steps[copied.step.position] = copied.step
    for position, several in found.items():
        yield _smell(steps[position], several)


def _kind(path: str) -> DataType | None:
    return data_type_of(path.rpartition("/")[2].encode("utf-8", "surrogateescape"))


def _smell(step: Step, found: list[tuple[Copied, DataType]]) -> Smell:
    first, kind = max(found, key=lambda one: (one[0].content_bytes or 0, one[0].path))
    total = sum(copied.content_bytes or 0 for copied, _ in found)
    size = f", {format_bytes(total)}" if total else ""
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return Smell(
        position=step.position,
        message=f"{step.keyword} takes {first.path} ({kind.title}){more}{size}.",
        confidence="likely" if total else "guess",
        severity="warning" if total else "info",
    )


RULE = DockerfileRule(
    name="data-copied",
    title="Data sets and model weights in the image",
    severity="warning",
    confidence="likely",
    advice="Keep it on a volume or in object storage, and fetch it when the container starts.",
    page=__doc__,
    check=_check,
)
