"""Files that a later layer writes again: the earlier ones are still in the image."""

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
A layer writes files again that a lower layer brought, with other content. Both are in the image;
only the last is seen.

## Why it matters

A layer holds whole files. Where one byte of a large file changes, all of it is stored a second
time, and a node pulls both.

## What to do

Write each file once: join the instructions, or bring only the last version.

```dockerfile
# The packages are upgraded in a layer of their own: every upgraded file is there twice.
FROM python:3.12
RUN pip install torch
RUN pip install --upgrade torch

# Once, in the version that is wanted.
FROM python:3.12
RUN pip install --no-cache-dir torch==2.4.1
```

Databases and caches that several installations rewrite (a package manager's, a search index) are
stored once for each of them: install in one `RUN`. Where the base image's own files are upgraded,
take a newer base instead of `apt-get upgrade`.

## What it cannot see

The bytes are exact. A file of which a layer changes nothing but owner, mode or time is told by
[metadata-copy](metadata-copy.md); a file that is deleted and made again in one layer counts here.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    return dead_claims(subject, Death.OVERWRITTEN, message=_message, advice=_advice, note=_note)


def _message(killing: Killing) -> str:
    born = layers_text(killing.born)
    return f"Layer {killing.layer} writes {{files}} of {born} again; {{bytes}} are hidden below."


def _note(killing: Killing) -> str:
    return f"written again in layer {killing.layer}"


def _advice(killing: Killing) -> str:
    if killing.takes_from_base:
        return "Take a base that has the last version already, instead of changing its files."
    by, born = killing.named(killing.layer), killing.named(killing.heaviest)
    return f"Write each file once: join {by} to {born}, or bring only the last version."


RULE = Rule(
    name="overwritten",
    title="Written again in a later layer",
    severity="warning",
    confidence="certain",
    remedy="rebuild",
    advice="Write each file once: join the instructions, or bring only the last version.",
    page=_PAGE,
    check=_check,
)
