r"""A comment asks not to hear of a rule that finds nothing there, or that does not exist.

## Why it matters

What it was written for is gone, or the name is misspelled and it never held. A comment that is left
behind hides the next finding of its rule, which nobody has looked at.

## What to do

Remove the comment, or write the name as `lightship lint` prints it:

```dockerfile
# lightship: ignore[package-lists] the lists are what this image is for
RUN apt-get update
```

## What it cannot see

Comments for hadolint, whose rules it does not know. Where only some rules are asked (`--select`),
it says nothing about the others. It is never fixed: a comment is the author's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.dockerfile.lines import lines_of
from lightship.rules.smell import DockerfileRule, Smell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.dockerfile.build import Build
    from lightship.dockerfile.pragmas import Pragma
    from lightship.rules.smell import Matter

_CODE = re.compile("(dl|sc)[0-9]{4}")


def unused(
    build: Build, used: Iterable[tuple[Pragma, str]], asked: frozenset[str], known: frozenset[str]
) -> Iterator[Smell]:
    """What to say of comments whose names matched nothing.

    Args:
        build: the file.
        used: each comment and the name in it that has held for something.
        asked: names and codes of the rules that were asked.
        known: names and codes of all rules.
    """
    held = {(id(pragma), name) for pragma, name in used}
    by_position = build.pragmas.by_position.items()
    starts: list[int] | None = None
    everywhere: list[tuple[int | None, Pragma]] = [(None, one) for one in build.pragmas.file]
    for position, pragma in (
        *everywhere,
        *((at, one) for at, found in by_position for one in found),
    ):
        if pragma.foreign:
            continue
        for name in sorted(pragma.names):
            message = _message(name, asked, known)
            if message is not None and (id(pragma), name) not in held:
                starts = starts or [start for start, _ in lines_of(build.dockerfile.text)]
                start = starts[pragma.line - 1]
                yield Smell(position=position, message=message, start=start, end=start + 1)


def _message(name: str, asked: frozenset[str], known: frozenset[str]) -> str | None:
    if name == RULE.name:
        return None
    if name not in known:
        # Who comes from hadolint may name all of its rules, also those that have no like here.
        return None if _CODE.fullmatch(name) else f"No rule for Dockerfiles is named {name[:60]}."
    return f"{name} is ignored, but finds nothing here." if name in asked else None


def _nothing(_matter: Matter) -> Iterable[Smell]:
    # What is unused is known when all other rules have spoken: `rules.linting` asks `unused`.
    return ()


RULE = DockerfileRule(
    name="unused-ignore",
    title="Comments that suppress nothing",
    severity="info",
    confidence="certain",
    advice="Remove the comment, or mend the name in it.",
    page=__doc__,
    check=_nothing,
)
