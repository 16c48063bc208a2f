"""Files that are nearly all holes or zeros, but count, and are written, with their whole size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.rules.evidence import at_path
from lightship.rules.rule import Claim, Rule
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.model.finding import Evidence
    from lightship.rules.rule import Subject

_LEAST_BYTES = 10_000_000
# gzip makes a thousandth of zeros, and hardly of anything else less than a hundredth.
_WIRE_FACTOR = 200
_HOLE_FACTOR = 10
# What useradd and login write at a place that the user's number gives.
_BY_USER = frozenset((b"lastlog", b"faillog", b"tallylog"))
_PAGE = """
A file says that it is large, but holds next to nothing: holes, or zeros that compress to almost
nothing. On the wire it is small, on every disk that unpacks it, it may be giant.

## Why it matters

`/var/log/lastlog` and `/var/log/faillog` have a record for each user number. `useradd` with a large
number, such as the ones that OpenShift gives, writes the record at the end and leaves a hole before
it. The tools that pack and unpack layers write the hole as zeros: an image of a few megabytes takes
gigabytes on the node, and may fill its disk.

## What to do

Tell `useradd` not to write these files, or take a small number:

```dockerfile
RUN useradd --no-log-init --uid 1000650000 --gid 0 app
```

On OpenShift no user need be made at all: any number of group 0 runs. Other files of this kind, such
as disk images and databases made with a fixed size, are better made when the container starts.

## What it cannot see

Holes are known where the layer's tar says so. Else a file of 10 MB or more counts that weighs less
than a 200th on the wire, which also fits a file that repeats itself; wire shares are estimates.
"""


def _check(subject: Subject) -> Iterable[Claim]:
    evidence = list(_giants(subject))
    if evidence:
        by_user = any((one.path or "").rpartition("/")[2].encode() in _BY_USER for one in evidence)
        total = sum(one.bytes for one in evidence)
        yield Claim(
            message="{files} of {bytes}, nearly all of it holes or zeros.",
            advice=RULE.advice
            if by_user
            else "Make files of a fixed size when the container runs.",
            severity="warning",
            confidence="certain" if by_user else None,
            removable_bytes=total,
            files=len(evidence),
            evidence=evidence,
        )


def _giants(subject: Subject) -> Iterator[Evidence]:
    tree, wire_of = subject.ledger.tree, subject.ledger.wire.wire_of
    for place in subject.ledger.places:
        if not place.sizes or max(place.sizes) < _LEAST_BYTES:
            continue
        prefix = place.path + b"/" if place.path else b""
        for name, record, size in zip(place.names, place.records, place.sizes, strict=True):
            if size < _LEAST_BYTES:
                continue
            layer, index, entry = tree.locate(record)
            stored = index.rarities.stored_bytes.get(entry, size)
            if stored * _HOLE_FACTOR <= size:
                note = f"stores {format_bytes(stored)}, the rest is a hole"
            elif 0 < wire_of[record] * _WIRE_FACTOR <= size:
                note = f"takes {format_bytes(wire_of[record])} on the wire"
            else:
                continue
            yield at_path(prefix + name, size, layer=layer, note=note)


RULE = Rule(
    name="sparse-giants",
    title="Large files of nothing",
    severity="warning",
    confidence="likely",
    remedy="change",
    advice="Give useradd --no-log-init, or a small user number.",
    page=_PAGE,
    check=_check,
)
