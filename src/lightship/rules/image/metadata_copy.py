"""Files that a later layer stores again to change nothing but owner, mode or time."""

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
A layer stores files of a lower layer again, with the very same content: only their owner, mode,
time or extended attributes differ, or nothing does.

## Why it matters

A layer holds whole files, so `chown -R` doubles the bytes of everything it touches.

## What to do

Set owner and mode where the files are made:

```dockerfile
# All of /app is there twice.
COPY . /app
RUN chown -R 1000 /app && chmod -R g=u /app

# Once.
COPY --chown=1000:0 --chmod=775 . /app
```

What a `RUN` makes gets its owner and mode in the same `RUN`. For an arbitrary user of group 0, as
OpenShift has it, group 0 and the group's rights are enough: `--chown=0:0` and `--chmod=g=u`
(Dockerfile syntax 1.14; else an octal mode).

## What it cannot see

Contents are compared by a 128-bit hash and their size. Files that are copied with another content
are told by [overwritten](overwritten.md).
"""


def _check(subject: Subject) -> Iterable[Claim]:
    return dead_claims(subject, Death.METADATA_COPY, message=_message, advice=_advice, note=_note)


def _message(killing: Killing) -> str:
    born = layers_text(killing.born)
    return (
        f"Layer {killing.layer} stores {{files}} with {{bytes}} of {born} again, to change no more"
        " than owner, mode or time."
    )


def _note(killing: Killing) -> str:
    return f"copied in layer {killing.layer}"


def _advice(killing: Killing) -> str:
    by, made_by = killing.named(killing.layer), killing.instruction(killing.heaviest)
    if killing.takes_from_base:
        return f"Leave the base image's files as they are: {by} stores them a second time."
    if made_by.startswith(("COPY ", "ADD ")):
        return f"Give `{made_by}` a --chown or --chmod instead of {by}."
    born = killing.named(killing.heaviest)
    return f"Set owner and mode in the instruction that makes the files, {born}, instead of {by}."


RULE = Rule(
    name="metadata-copy",
    title="Stored again for owner, mode or time",
    severity="warning",
    confidence="certain",
    remedy="rebuild",
    advice="Set owner and mode where the files are made: COPY --chown/--chmod, or in the same RUN.",
    page=_PAGE,
    check=_check,
)
