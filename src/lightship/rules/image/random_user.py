"""Whether the image runs as a random user of group 0, as OpenShift starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.entrypoint import entrypoint_requests, find_entrypoint
from lightship.analysis.permissions import low_ports
from lightship.analysis.run_settings import run_settings
from lightship.model.finding import Evidence
from lightship.printable import printable
from lightship.rules.hindrances import (
    blocked,
    unreadable_files,
    unwritable_directories,
    user_changers,
)
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.rule import Subject

_LOW = "port {} is below 1024"
_PAGE = """
What fails when the container runs as a user that is not in `/etc/passwd`, with group 0 and without
capabilities: files of the command that this user cannot read, directories that it probably writes
to and cannot, ports below 1024, programs that change the user.

## Why it matters

OpenShift, CSC's Rahti among others, starts every container so, whatever `USER` says. The image that
runs with `docker run` ends there with "permission denied".

## What to do

Give group 0 what the user would have, in the instruction that brings the files. A `RUN chmod` or
`RUN chown` after it stores every file a second time:

```dockerfile
COPY --chmod=g=u --chown=1001:0 . /app
RUN mkdir -p /app/data && chgrp 0 /app/data && chmod g=u /app/data
USER 1001
EXPOSE 8080
```

## What it cannot see

Where a program writes: the working directory, home, volumes and the usual places of well-known
servers are looked at, and writing there may not be needed. Whether files can be read is asked of
those that the command names, and of what is in the working directory. A volume or an `emptyDir`
that is mounted there in the cluster makes it right.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    settings = run_settings(subject.image)
    entrypoint = find_entrypoint(subject.ledger.records, settings)
    stopping = list(blocked(subject, entrypoint))
    if stopping:
        first = printable(f"{stopping[0].note} ({stopping[0].path})")
        yield Claim(
            message=f"A random user cannot start it: {first}.",
            severity="warning",
            confidence="certain",
            evidence=stopping,
        )
    ports = [printable(port) for port in settings.ports]
    hindering = [
        *unwritable_directories(subject, settings, entrypoint),
        *unreadable_files(subject, settings),
        *(Evidence(path=None, bytes=0, note=_LOW.format(port)) for port in low_ports(ports)),
        *user_changers(subject, entrypoint),
    ]
    if hindering and not entrypoint.is_open:
        shown = "; ".join(
            f"{one.path}: {one.note}" if one.path else f"{one.note}" for one in hindering[:3]
        )
        more = f"; and {len(hindering) - 3} more" if len(hindering) > 3 else ""
        yield Claim(
            message=f"A random user may be hindered: {printable(shown)}{more}.",
            evidence=hindering,
        )


RULE = Rule(
    name="random-user",
    title="Cannot run as a random user",
    severity="info",
    confidence="likely",
    remedy="change",
    advice="Use COPY --chmod=g=u with group 0, and ports above 1023; no RUN chmod after COPY.",
    page=_PAGE,
    check=_check,
    requests=entrypoint_requests(),
)
