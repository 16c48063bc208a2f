"""Images of many layers: near the limit of the storage driver, or of crumbs that could be one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.finding import Evidence
from lightship.rules.rule import Claim, Rule
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.rule import Subject

_TOO_MANY = 100
_MANY = 40
_SMALL_BYTES = 1_000_000
_PAGE = """
The image has more than 40 layers: good to know. With more than 100 it is an error, for it is near
the limit at which it, or an image built on it, can no longer be unpacked.

## Why it matters

The overlay2 storage driver of Docker takes about 127 layers; with one more, a pull or a build ends
with `max depth exceeded`. Each layer is also a request, a stream of its own for the compressor, and
a directory that is looked into for every file.

## What to do

Join instructions that change together. Each of these makes a layer:

```dockerfile
RUN pip install flask
RUN pip install gunicorn
COPY app.py /app/
COPY config.py /app/
```

These make two:

```dockerfile
RUN pip install flask gunicorn
COPY app.py config.py /app/
```

`ENV`, `LABEL`, `CMD` and the like make none. A base image brings its own, and is counted with them.
Squashing an image makes it one layer.

## What it cannot see

Which layers other images share: joining those saves nothing and shares less.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    count = len(subject.scans)
    if count <= _MANY:
        return
    small = [
        Evidence(
            path=None,
            bytes=0,
            layer=position,
            note=f"brings {format_bytes(scan.index.unpacked_bytes)}",
        )
        for position, scan in enumerate(subject.scans, 1)
        if scan.index.unpacked_bytes < _SMALL_BYTES
    ]
    yield Claim(
        message=_message(count, len(small)),
        severity="error" if count > _TOO_MANY else "info",
        evidence=small,
    )


def _message(count: int, small: int) -> str:
    limit = ", and storage drivers take about 127" if count > _TOO_MANY else ""
    crumbs = f"; {small} of them bring less than {format_bytes(_SMALL_BYTES)} each" if small else ""
    return f"The image has {count} layers{limit}{crumbs}."


RULE = Rule(
    name="too-many-layers",
    title="Many layers",
    severity="info",
    confidence="certain",
    remedy="change",
    advice="Join instructions that change together, or squash.",
    page=_PAGE,
    check=_check,
)
