"""Whether the image runs as a random user of group 0, as OpenShift starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.elf import elves
from lightship.analysis.entrypoint import entrypoint_requests, find_entrypoint
from lightship.analysis.permissions import EXECUTE, READ, closed_directory, is_writable, may
from lightship.analysis.run_settings import run_settings
from lightship.analysis.scripts import scripts
from lightship.analysis.writing import written_directories
from lightship.model.finding import Evidence
from lightship.printable import decode_path, printable
from lightship.rules.evidence import at_path
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.analysis.entrypoint import Entrypoint
    from lightship.analysis.run_settings import RunSettings
    from lightship.rules.rule import Subject

_FIRST_FREE_PORT = 1024
_CHANGING_USER = frozenset(
    (b"gosu", b"su-exec", b"su", b"sudo", b"runuser", b"chpst", b"setuidgid")
)
_ASKING = (b"id -u", b"$UID", b"EUID", b"whoami", b"id --user")
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
servers are looked at, and writing there may not be needed. A volume or an `emptyDir` that is
mounted there in the cluster makes it right.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    settings = run_settings(subject.image)
    entrypoint = find_entrypoint(subject.ledger.records, settings)
    blocked = list(_blocked(subject, entrypoint))
    if blocked:
        yield Claim(
            message=f"A random user cannot start it: {blocked[0].note} ({blocked[0].path}).",
            severity="warning",
            confidence="certain",
            evidence=blocked,
        )
    hindering = [
        *_directories(subject, settings, entrypoint),
        *_ports(settings),
        *_changers(subject, entrypoint),
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


def _blocked(subject: Subject, entrypoint: Entrypoint) -> Iterator[Evidence]:
    """Files of the command that the user cannot reach, read or run."""
    tree = subject.ledger.tree
    programs = {one.record for one in elves(subject.ledger.records)}
    for file in entrypoint.files:
        closed = closed_directory(tree, file.path)
        layer = tree.locate(file.record)[0]
        entry = tree.entry(file.path, file.record)
        is_program = file == entrypoint.program
        if closed is not None:
            note = f"/{decode_path(closed)} is closed to others"
            yield at_path(file.path, 0, layer=layer, note=printable(note))
        elif not may(entry, EXECUTE) and is_program:
            yield at_path(file.path, 0, layer=layer, note=f"may not be run: {entry.mode:04o}")
        elif not may(entry, READ) and file.record not in programs:
            yield at_path(file.path, 0, layer=layer, note=f"may not be read: {entry.mode:04o}")


def _directories(
    subject: Subject, settings: RunSettings, entrypoint: Entrypoint
) -> Iterator[Evidence]:
    tree = subject.ledger.tree
    for path, why in written_directories(settings, entrypoint):
        directory = tree.find(path.strip(b"/"))
        if directory is None or is_writable(tree, directory):
            continue
        at = directory.path_of(b"")[:-1]
        entry = tree.entry(at, directory.record)
        layer = tree.locate(directory.record)[0] if directory.record >= 0 else None
        note = f"{why}, not writable: {entry.mode:04o}, group {entry.gid}"
        yield at_path(at or b"/", 0, layer=layer, note=note)


def _ports(settings: RunSettings) -> Iterator[Evidence]:
    for port in settings.ports:
        number = port.partition("/")[0]
        if number.isascii() and number.isdecimal() and 0 < int(number[:6]) < _FIRST_FREE_PORT:
            note = f"port {printable(port)} is below {_FIRST_FREE_PORT}"
            yield Evidence(path=None, bytes=0, note=note)


def _changers(subject: Subject, entrypoint: Entrypoint) -> Iterator[Evidence]:
    """Programs that need root to change the user; none where a script asks first who it is."""
    texts = scripts(subject.ledger.records)
    for file in entrypoint.files:
        if any(ask in texts.get(file.record, b"") for ask in _ASKING):
            return
    for file in entrypoint.files:
        if file.path.rpartition(b"/")[2] in _CHANGING_USER:
            layer = subject.ledger.tree.locate(file.record)[0]
            yield at_path(file.path, 0, layer=layer, note="changes the user, which needs root")


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
