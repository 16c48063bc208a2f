r"""Files are sent, or looked at, that no instruction of the Dockerfile takes.

The legacy builder sends all that is not ignored before it reads the Dockerfile, and buildah has to
look through it; BuildKit asks for what instructions take, and for nothing else.

## Why it matters

Each build waits for it, also if nothing has changed, and on a remote builder it goes over the
network each time.

## What to do

Leave out everything and let in what is taken, or build with BuildKit:

```
*
!src
!pyproject.toml
```

## What it cannot see

Files that a build of another target takes. Below 1 MB it says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.sending import ContextRule, ContextSmell
from lightship.rules.sent import Lot, amount, is_small

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.sending import Sending

_MOST_PATHS = 5


def _check(sending: Sending) -> Iterator[ContextSmell]:
    survey = sending.survey
    files = survey.sent.files - survey.used.files
    content_bytes = survey.sent.content_bytes - survey.used.content_bytes
    if not sending.sends_unused or sending.context.wanted is None or is_small(content_bytes):
        return
    verb = "sends" if sending.context.builder == "legacy" else "looks at"
    size = amount(files, content_bytes, is_whole=sending.is_whole)
    yield ContextSmell(
        message=f"The {sending.context.builder} builder {verb} {size} that nothing takes."
        if verb == "sends"
        else f"buildah {verb} {size} that nothing takes.",
        paths=_largest(sending),
        files=files,
        content_bytes=content_bytes,
    )


def _largest(sending: Sending) -> tuple[str, ...]:
    """The entries of the root that hold most of it."""
    unused: dict[str, int] = {}
    for place in sending.survey.places:
        lot = Lot(path=place.path)
        lot.add(place)
        first = place.path.partition("/")[0]
        if first:
            unused[first] = unused.get(first, 0) + lot.content_bytes - lot.used_bytes
            continue
        for name, size, used in zip(place.names, place.sizes, place.used, strict=True):
            if not used:
                unused[name] = unused.get(name, 0) + size
    order = sorted(unused, key=lambda name: (-unused[name], name))
    return tuple(name for name in order[:_MOST_PATHS] if unused[name])


RULE = ContextRule(
    name="sent-for-nothing",
    title="Files are sent that no instruction takes",
    severity="info",
    confidence="certain",
    advice="Leave them out of the context, or build with BuildKit.",
    page=__doc__,
    check=_check,
)
