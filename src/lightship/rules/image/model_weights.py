"""Model weights in the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.catalogue.data_types import heads_request
from lightship.rules.data_files import evidence_of, unpackaged
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.rule import Subject

_PAGE = """
The image holds the weights of a model: checkpoints, `safetensors`, GGUF, ONNX, or the cache that a
model hub's client keeps in a home directory.

## Why it matters

Weights are the largest files of most images that have any, hardly compress, and change on other
days than the code does. Each replica pulls them, and each node keeps them once per version of the
image.

## What to do

Fetch them when the container starts, into a volume that outlives the pod, and tell the client to
look there:

```dockerfile
ENV HF_HOME=/models
VOLUME /models
```

A Job that fills the volume once serves all pods. Where the platform mounts images as volumes
(Kubernetes 1.35), weights can be an image of their own, pulled apart from the application's. If
they have to be in this image, keep them in a layer of their own below the code, so that a change of
code pulls no weights: `COPY --link model/ /model/` before `COPY . .`.

## What it cannot see

Weights are told by name and first bytes, and only where no package brings them; a model that `pip`
installs, as spaCy's, is its package's. Files called `.bin` count if they begin as weights do.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    found = list(unpackaged(subject, "model weights"))
    if found:
        yield Claim(
            message="{files} of model weights, {bytes}.",
            paths=[one.path for one in found],
            evidence=evidence_of(subject, found),
        )


RULE = Rule(
    name="model-weights",
    title="Model weights in the image",
    severity="warning",
    confidence="likely",
    remedy="move",
    advice="Keep the weights in a volume or in object storage, and fetch them at start.",
    page=_PAGE,
    check=_check,
    requests=(heads_request(),),
    quiet_below_bytes=10_000_000,
)
