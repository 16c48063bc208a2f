r"""A base image of a release whose makers no longer fix anything.

It reads the tags of FROM: the product's own release (`python:3.8`) and the system's beneath it
(`python:3.9-buster`, `node:16-alpine3.14`), and compares with a table of dates.

## Why it matters

Packages of a release that has ended get no security fixes, and its mirrors go away: the next build
fails at `apt-get update`, or installs what has known holes. Old bases also are often big: later
releases of the same image have become smaller more than once.

## What to do

Move to a release that is maintained, and test:

```dockerfile
FROM python:3.13-slim-trixie
```

## What it cannot see

What an image is whose tag does not say so (`company/base:7`), and support that is paid for (Ubuntu
Pro, extended support of Red Hat). Free extended support, such as Debian LTS, makes it an info. The
table has its date; `lightship` asks no server.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lightship.catalogue.end_of_life import releases_in
from lightship.dockerfile.image_name import image_name
from lightship.rules.smell import DockerfileRule, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from lightship.catalogue.end_of_life import Release
    from lightship.rules.smell import Matter


def _check(matter: Matter) -> Iterator[Smell]:
    today = datetime.now(UTC).date()
    needed = matter.build.stages.needed
    for stage in matter.build.stages.all:
        if stage.base_stage is not None or not stage.base_name or stage.index not in needed:
            continue
        name = image_name(stage.base_name)
        for release in releases_in(name.repository, name.tag or ""):
            if release.ends < today:
                yield _smell(stage.first, release, today)


def _smell(position: int, release: Release, today: date) -> Smell:
    what = f"{release.product} {release.release}"
    if release.extended is not None and release.extended >= today:
        return Smell(
            position=position,
            message=f"{what} has had its makers' support until {release.ends}; volunteers' goes on "
            f"until {release.extended}.",
            severity="info",
        )
    last = max(release.ends, release.extended or release.ends)
    return Smell(position=position, message=f"{what} has had no fixes since {last}.")


RULE = DockerfileRule(
    name="end-of-life-base",
    title="Base images of releases that have ended",
    severity="warning",
    confidence="certain",
    advice="Move to a release that is maintained, and test.",
    page=__doc__,
    check=_check,
)
