"""Suppressions in the settings that hold for nothing any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.finding import Evidence
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.rule import Subject
    from lightship.rules.suppressing import Ignore

_PAGE = """
An entry of `[[rules.ignore]]` matched nothing in this image.

## Why it matters

What was suppressed is gone, or its paths have changed. An entry that is left behind hides the next
finding of its rule, which nobody has looked at.

## What to do

Remove the entry, or write the paths as they are now:

```toml
[[rules.ignore]]
rule = "apt-lists"
paths = ["var/lib/apt/lists/internal-mirror*"]
reason = "the mirror image hands these lists on"
```

Where one settings file serves several images, an entry may be meant for another of them. Then say
so:

```toml
[[rules.ignore]]
rule = "unused-suppression"
reason = "one file for all images of this repository"
```

## What it cannot see

Of an entry with several paths it tells only that none of them matched; of two entries that match
the same, the second counts as unused.
"""


def unused(ignores: Iterable[Ignore]) -> tuple[Claim, ...]:
    """What to say of suppressions that matched nothing."""
    return tuple(
        Claim(message=_message(one), evidence=(Evidence(path=None, bytes=0, note=one.origin),))
        for one in ignores
        if one.rule != RULE.name
    )


def _message(ignore: Ignore) -> str:
    where = ", ".join(pattern.written for pattern in ignore.patterns)
    return f"{ignore.rule} is ignored" + (f" at {where}" if where else "") + ", but finds nothing."


def _nothing(_subject: Subject) -> Iterable[Claim]:
    # What is unused is known when all other rules have spoken: judging asks `unused`.
    return ()


RULE = Rule(
    name="unused-suppression",
    title="Suppression that matches nothing",
    severity="info",
    confidence="certain",
    remedy="change",
    advice="Remove the entry of [[rules.ignore]], or mend its paths.",
    page=_PAGE,
    check=_nothing,
)
