"""Data sets in the image: files that a volume or object storage should hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.catalogue.data_types import heads_request
from lightship.rules.data_files import evidence_of, unpackaged
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.rule import Subject

_LARGE_BYTES = 50_000_000
_PAGE = """
Files that the application reads as data are part of the image: tables, measurements, archives of
pictures, databases.

## Why it matters

An image holds the run-time of an application. Data makes every pull slower, and every change of the
data means a new build, a new push and a new pull of everything above it. Registries refuse large
images: 5 GiB is the limit on OpenShift at CSC, and 1 GB is called very big there.

## What to do

Put the data where the pod can reach it: in a volume that is attached when it starts, or in object
storage from which it is fetched at start or on demand. An init container can do that:

```yaml
initContainers:
  - name: data
    image: docker.io/rclone/rclone
    args: [copy, "allas:bucket/data", /data]
    envFrom: [{secretRef: {name: allas}}]
    volumeMounts: [{name: data, mountPath: /data}]
```

Then list the folder in `.dockerignore`, so that no `COPY . .` brings it back.

## What it cannot see

Data is told by its name and first bytes, and only where no package brings it. A file of 50 MB or
more of an unknown kind that does not compress is a guess. Whether the application can do without,
and when it reads the file first, only running it can tell. """


def _check(subject: Subject) -> Iterable[Claim]:
    known = list(unpackaged(subject, "data set"))
    if known:
        yield Claim(
            message="{files} of data, {bytes}, that no package brings.",
            paths=[one.path for one in known],
            evidence=evidence_of(subject, known),
        )
    unknown = [
        one
        for one in unpackaged(subject, "other", "application", at_least_bytes=_LARGE_BYTES)
        if one.is_incompressible
    ]
    if unknown:
        yield Claim(
            message="{files} of {bytes} that no package brings and that do not compress.",
            advice="If the application only reads them, keep them in a volume or object storage.",
            confidence="guess",
            paths=[one.path for one in unknown],
            evidence=evidence_of(subject, unknown),
        )


RULE = Rule(
    name="data-sets",
    title="Data in the image",
    severity="warning",
    confidence="likely",
    remedy="move",
    advice="Keep the data in a volume or in object storage, and fetch it when the pod starts.",
    page=_PAGE,
    check=_check,
    requests=(heads_request(),),
    quiet_below_bytes=10_000_000,
)
