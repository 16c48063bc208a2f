"""One library more than once: two versions of it, or two copies in two directories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.elf import elf_requests
from lightship.analysis.repeated import repeated_libraries, repeated_packages
from lightship.model.finding import Evidence
from lightship.printable import printable
from lightship.rules.evidence import at_path
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.rules.rule import Subject

_NAMED = 4
_PAGE = """
A shared library in two versions (`libssl.so.1.1` and `libssl.so.3`) or in two directories, a Python
distribution in two `site-packages`, an npm package in several versions.

## Why it matters

One of them is often a leftover: of an upgrade without the removal of the old version, of `pip
install` over a Python that the system brought, of a conda environment beside a virtual environment.
Which one is loaded depends on search paths, and a flaw that was mended in one is open in the other.

## What to do

Find out who needs which, and keep one:

```console
$ apt-mark showmanual          # what was asked for, and may go
$ pip list --path /usr/lib/python3/dist-packages
$ npm ls lodash                # who wants which version
$ npm dedupe
```

Install Python packages in one place: `pip` of the image's own Python, or one virtual environment.

## What it cannot see

Whether both are needed: two programs may each want another version, and wheels bring copies of
their own libraries on purpose. The figure is all but the largest of each.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    ledger = subject.ledger
    libraries = repeated_libraries(ledger)
    if libraries:
        names = ", ".join(printable(one.title) for one in libraries[:_NAMED])
        wire_of = ledger.wire.wire_of
        spare = [file for one in libraries for file in one.spare]
        yield Claim(
            message=f"{{bytes}} in {{files}} are second copies or versions of: {names}"
            + (f" and {len(libraries) - _NAMED} more." if len(libraries) > _NAMED else "."),
            removable_bytes=sum(file.content_bytes for file in spare),
            wire_bytes=sum(wire_of[file.record] for file in spare),
            files=len(spare),
            evidence=[
                at_path(
                    file.path,
                    file.content_bytes if number else 0,
                    layer=ledger.tree.locate(file.record)[0],
                    note=printable(file.elf.soname.decode("utf-8", "replace")),
                )
                for one in libraries
                for number, file in enumerate((one.largest, *one.spare))
            ],
        )
    for system, groups in repeated_packages(ledger).items():
        names = ", ".join(printable(one.title) for one in groups[:_NAMED])
        yield Claim(
            message=f"{{bytes}} are second copies or versions of {system} packages: {names}"
            + (f" and {len(groups) - _NAMED} more." if len(groups) > _NAMED else "."),
            removable_bytes=sum(one.spare_bytes for one in groups),
            wire_bytes=sum(one.spare_wire_bytes for one in groups),
            files=sum(one.spare_files for one in groups),
            evidence=[
                Evidence(path=None, bytes=one.spare_bytes, note=printable(one.detail))
                for one in groups
            ],
        )


RULE = Rule(
    name="two-versions",
    title="One library more than once",
    severity="info",
    confidence="guess",
    remedy="change",
    advice="Find out who needs which, and keep one.",
    page=_PAGE,
    check=_check,
    requests=elf_requests(),
)
