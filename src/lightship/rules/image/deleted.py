"""Files that one layer brings and another deletes: they are still in the image."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lightship.analysis.moves import find_moves
from lightship.filetree.tree import Death
from lightship.printable import decode_path
from lightship.rules.dead_claims import dead_claims, layers_text
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.analysis.moves import MovedTree
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
can be squashed too. A file that a later `RUN mv` moves is stored at both places: put it in its
place at once.

## What it cannot see

The bytes are exact. Which instruction made a layer is what the image's history says, and a builder
may have forgotten to write it. Files that a layer moves are found by their content; those that it
changes on the way count as deleted.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    moves: dict[int, list[MovedTree]] = defaultdict(list)
    for move in find_moves(subject.ledger.tree, subject.dead):
        moves[move.moved_by].append(move)

    def message(killing: Killing) -> str:
        return _message(killing, moves[killing.layer])

    def advice(killing: Killing) -> str:
        return _advice(killing, moves[killing.layer])

    return dead_claims(subject, Death.DELETED, message=message, advice=advice, note=_note)


def _is_move(killing: Killing, moves: Sequence[MovedTree]) -> bool:
    """Whether most of the bytes are in the same layer again, at other paths."""
    moved = sum(move.content_bytes for move in moves)
    return 2 * moved > sum(group.content_bytes for group in killing.groups)


def _message(killing: Killing, moves: Sequence[MovedTree]) -> str:
    born = layers_text(killing.born)
    what = f"Layer {killing.layer} deletes {{files}} with {{bytes}} that {born} brought"
    if not _is_move(killing, moves):
        return f"{what}."
    source, target = decode_path(moves[0].source), decode_path(moves[0].target)
    return f"{what}, and holds most of it again: /{source} is now /{target}."


def _note(killing: Killing) -> str:
    return f"deleted in layer {killing.layer}"


def _advice(killing: Killing, moves: Sequence[MovedTree]) -> str:
    by, born = killing.layer, killing.heaviest
    if _is_move(killing, moves) and not killing.takes_from_base:
        return (
            "Put them in the right place where they are first made, instead of moving them in"
            f" {killing.named(by)}."
        )
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
