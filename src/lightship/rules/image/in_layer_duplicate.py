"""Paths that one layer's tar holds several times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.filetree.tree import Death
from lightship.rules.dead_claims import dead_claims
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.dead_claims import Killing
    from lightship.rules.rule import Subject

_PAGE = """
The tar of one layer holds a path several times. The last record counts; the others are dead weight.

## Why it matters

It costs bytes, and it costs trust: readers that take the first record see other files than a
container does.

## What to do

Docker, BuildKit and Podman do not write such layers. They come from images that are put together by
scripts or build rules which add one file through several rules:

```console
$ tar --append --file layer.tar app.jar    # a second record, the first one stays
```

Give each file to one rule only, or let the builder make the tar anew. Squashing removes them as
well.

## What it cannot see

Hard links and whiteouts count by what they do to a name: a link in the same layer that takes a
file's last name is a record too many as well.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    return dead_claims(
        subject, Death.IN_LAYER_DUPLICATE, message=_message, advice=_advice, note=_note
    )


def _message(killing: Killing) -> str:
    return (
        f"The tar of layer {killing.layer} holds {{files}} with {{bytes}} that it replaces itself."
    )


def _note(_killing: Killing) -> str:
    return "replaced in the same layer"


def _advice(killing: Killing) -> str:
    return f"Build {killing.named(killing.layer)} with a tool that writes each path once."


RULE = Rule(
    name="in-layer-duplicate",
    title="Several times in one layer's tar",
    severity="warning",
    confidence="certain",
    remedy="rebuild",
    advice="Build the layer with a tool that writes each path once.",
    page=_PAGE,
    check=_check,
)
