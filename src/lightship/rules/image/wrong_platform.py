"""An image that says it is for another machine, or whose programs are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.elf import elves
from lightship.analysis.entrypoint import entrypoint_requests, find_entrypoint
from lightship.analysis.machines import machine_name, runs_on
from lightship.analysis.run_settings import run_settings
from lightship.model.finding import Evidence
from lightship.model.platform import Platform
from lightship.rules.evidence import at_path
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.rule import Subject

_PAGE = """
The image's config names another platform than the one it is to run on, or its command is a program
for another machine than the config says.

## Why it matters

The container ends at once with `exec format error`. An image built on a Mac with an Apple processor
is for `linux/arm64`; most clusters, CSC's Rahti among them, run `linux/amd64` alone.

## What to do

Build for the platform that it is to run on:

```console
$ docker build --platform linux/amd64 -t app .
```

If only the program is of another machine, look where it comes from: a download for a fixed
architecture, a `FROM --platform=...` that was left in, or a `COPY` of something built outside.

## What it cannot see

Programs that the command's own programs start, and what a program is that is no ELF file. Nodes
with an emulator (binfmt_misc with QEMU) run other machines' programs, slowly.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    says = subject.image.platform
    try:
        wanted = Platform.parse(subject.platform)
    except ValueError:
        wanted = says
    is_known = says.architecture != "unknown"
    if is_known and not says.matches(wanted):
        yield Claim(
            message=f"The image is for {says}, and is to run on {wanted}.",
            evidence=(Evidence(path=None, bytes=0, note=f"platform {says}"),),
        )
    elif is_known and (says.os, says.architecture) != ("linux", "amd64"):
        yield Claim(
            message=f"The image is for {says}: clusters with amd64 nodes alone cannot run it.",
            severity="info",
            evidence=(Evidence(path=None, bytes=0, note=f"platform {says}"),),
        )
    if is_known and says.os == "linux":
        yield from _programs(subject, says)


def _programs(subject: Subject, says: Platform) -> Iterable[Claim]:
    records = subject.ledger.records
    entrypoint = find_entrypoint(records, run_settings(subject.image))
    by_record = {one.record: one for one in elves(records)}
    foreign = [
        one
        for file in entrypoint.files
        if (one := by_record.get(file.record)) is not None and not runs_on(one.elf, says)
    ]
    if foreign:
        is_first = entrypoint.program is not None and (
            foreign[0].record == entrypoint.program.record
        )
        name = machine_name(foreign[0].elf)
        yield Claim(
            message=f"The image is for {says}, but what it runs is for {name}.",
            advice="Take the program for the image's platform, or build for the program's.",
            severity="error" if is_first else "warning",
            evidence=[
                at_path(
                    one.path,
                    0,
                    layer=subject.ledger.tree.locate(one.record)[0],
                    note=f"for {machine_name(one.elf)}",
                )
                for one in foreign
            ],
        )


RULE = Rule(
    name="wrong-platform",
    title="For another machine",
    severity="error",
    confidence="certain",
    remedy="change",
    advice="Build with --platform for the machine that it is to run on.",
    page=_PAGE,
    check=_check,
    requests=entrypoint_requests(),
)
