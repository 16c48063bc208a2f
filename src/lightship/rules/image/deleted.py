"""Files that one layer brings and another deletes: they are still in the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.filetree.tree import Death
from lightship.rules.dead_claims import dead_claims, layers_text
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.dead_claims import Killing
    from lightship.rules.rule import Subject

_PAGE = """
A layer deletes, moves or hides files that a lower layer brought. Nobody sees them any more, but
they are in the image: every node pulls them, and every disk keeps them.

## Why it matters

Each instruction of a Dockerfile makes a layer of its own, and layers are only ever laid on top of
each other. `RUN rm` in a later layer adds a note that the files are gone; the bytes stay below it.

## What to do

Delete in the instruction that makes the files:

```dockerfile
# The lists are in one layer, their removal in the next: nothing is saved.
RUN apt-get update && apt-get install -y git
RUN rm -rf /var/lib/apt/lists/*

# One layer, without the lists.
RUN apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*

# Or never in a layer at all (BuildKit).
RUN --mount=type=cache,target=/var/lib/apt/lists --mount=type=cache,target=/var/cache/apt \\
    apt-get update && apt-get install -y git
```

What was brought by `COPY` or `ADD` belongs into `.dockerignore`, is mounted with
`RUN --mount=type=bind`, or is used in a build stage of which only the result is copied. What comes
with the base image goes only with another base, or by squashing. An image that cannot be built anew
can be squashed too.

## What it cannot see

The bytes are exact. Which instruction made a layer is what the image's history says, and a builder
may have forgotten to write it. Files that move within the image are counted here as well: they are
stored at both places.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    return dead_claims(subject, Death.DELETED, message=_message, advice=_advice, note=_note)


def _message(killing: Killing) -> str:
    born = layers_text(killing.born)
    return f"Layer {killing.layer} deletes {{files}} with {{bytes}} that {born} brought."


def _note(killing: Killing) -> str:
    return f"deleted in layer {killing.layer}"


def _advice(killing: Killing) -> str:
    by, born = killing.layer, killing.heaviest
    if killing.takes_from_base:
        return (
            "They come with the base image, and a later layer cannot take them out: choose a base"
            " without them, or squash."
        )
    made_by = killing.instruction(born)
    if made_by.startswith(("COPY ", "ADD ")):
        return (
            f"Keep them out of `{made_by}` (.dockerignore), or mount them with RUN"
            f" --mount=type=bind instead of copying them; layer {by} cannot take them out."
        )
    if killing.instruction(by).startswith("RUN ") and made_by.startswith("RUN "):
        return (
            f"Delete them where they are made: join {killing.named(by)} to {killing.named(born)}"
            " with &&."
        )
    return f"Delete them in the instruction that makes them, {killing.named(born)}."


RULE = Rule(
    name="deleted",
    title="Deleted in a later layer",
    severity="warning",
    confidence="certain",
    remedy="rebuild",
    advice="Delete files in the RUN that makes them, or make them in another build stage.",
    page=_PAGE,
    check=_check,
)
