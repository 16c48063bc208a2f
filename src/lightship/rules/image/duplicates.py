"""Files of the final tree with equal content at several paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.printable import decode_path
from lightship.rules.evidence import at_path
from lightship.rules.rule import Claim, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.model.finding import Evidence
    from lightship.rules.rule import Subject

_PAGE = """
The final tree holds the same content at several paths, as files of their own. All copies but one
could be links.

## Why it matters

Compression does not find the copies: gzip looks back 32 kB, and layers are compressed one by one.

## What to do

Find out who installs the content twice. Often it is a library that several packages bring along, a
front end that is copied beside its sources, or an application that is in the image at its old place
as well as at its new one. Then install it once, or make the copy a link:

```dockerfile
COPY fonts/ /usr/share/fonts/app/
RUN ln -s /usr/share/fonts/app /app/static/fonts
```

A hard link (`ln`, `cp --link`) stays one in a layer if both names are made in the same `RUN`.
`COPY --link` is about layers, and links no files.

## What it cannot see

Contents are told apart by a 128-bit hash and their size. Whether two programs may share a file is
not known: one of them might write to it. Empty files are not counted, nor is what hard links share
already.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    found = subject.duplicates
    if found.wasted_bytes:
        evidence, listed_wire = _evidence(subject)
        listed = sum(one.wasted_bytes for one in found.largest)
        yield Claim(
            message="{bytes} in {files} are copies of other files.",
            removable_bytes=found.wasted_bytes,
            # Of the classes that are not listed, only the sum is known.
            wire_bytes=listed_wire * found.wasted_bytes // listed if listed else 0,
            files=found.copies,
            evidence=evidence,
        )


def _evidence(subject: Subject) -> tuple[list[Evidence], int]:
    """Each listed copy but the first of its class, and what they weigh on the wire."""
    names = dict(_names(subject))
    evidence: list[Evidence] = []
    wire_bytes = 0
    for one in subject.duplicates.largest:
        paths = sorted((names[record], record) for record in one.records if record in names)
        for path, record in paths[1:]:
            wire_bytes += subject.ledger.wire.wire_of[record]
            layer, _, _ = subject.ledger.tree.locate(record)
            note = f"the same as /{decode_path(paths[0][0])}"
            evidence.append(at_path(path, one.content_bytes, layer=layer, note=note))
    return evidence, wire_bytes


def _names(subject: Subject) -> Iterator[tuple[int, bytes]]:
    """Path of each inode in a listed class: its first name, which its record need not give."""
    wanted = {record for one in subject.duplicates.largest for record in one.records}
    for place in subject.ledger.places:
        if wanted.isdisjoint(place.records):
            continue
        prefix = place.path + b"/" if place.path else b""
        for name, record in zip(place.names, place.records, strict=True):
            if record in wanted:
                yield record, prefix + name


RULE = Rule(
    name="duplicates",
    title="Equal files at several paths",
    severity="warning",
    confidence="certain",
    remedy="share",
    advice="Keep one copy and link to it, or find out what installs them twice.",
    page=_PAGE,
    check=_check,
    quiet_below_bytes=10_000_000,
)
