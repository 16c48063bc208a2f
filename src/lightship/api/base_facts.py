"""Images and bases as the results of `base check` and `base suggest` show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.os_release import os_release
from lightship.bases.dockerfile_words import with_before_told
from lightship.bases.standing import SOON_DAYS, supports
from lightship.bases.system_traits import c_library
from lightship.model.results.base_check import AsItIs, OtherBase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.bases.candidate import Candidate
    from lightship.bases.inside import Inside
    from lightship.bases.known import Known
    from lightship.model.results.base_verdict import Reason


def as_it_is(inside: Inside, reference: str) -> AsItIs:
    """The image that is judged."""
    told = os_release(inside.ledger.records)
    return AsItIs(
        reference=reference,
        name=inside.name,
        digest=inside.digest,
        platform=str(inside.platform),
        wire_bytes=inside.wire_bytes,
        wire_bytes_estimated=any(scan.wire.estimated for scan in inside.scans),
        unpacked_bytes=inside.unpacked_bytes,
        system=told.system if told is not None else None,
        base=inside.base_name,
        base_layers=inside.base_layers,
    )


def other_base(candidate: Candidate) -> OtherBase:
    """A base, opened or not."""
    row, inside = candidate.row, candidate.inside
    told = os_release(inside.ledger.records) if inside is not None else None
    origin = row.origin("wire_bytes") if row is not None else None
    return OtherBase(
        name=candidate.name,
        digest=inside.digest if inside is not None else None,
        opened=inside is not None,
        system=told.system if told is not None else (row.system if row else None),
        libc=c_library(inside) if inside is not None else (row.libc if row else None),
        source=origin.source if origin else None,
        seen=origin.seen.isoformat() if origin else None,
        stale=row.stale if row is not None else None,
    )


def instructions(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """What has to come along, as instructions of a Dockerfile, each once."""
    return with_before_told(one.todo for one in reasons if one.weight == "carry" and one.todo)


def against(candidate: Candidate, known: Known) -> Iterator[str]:
    """What speaks against a base whatever runs on it: its support, and stale facts; clauses."""
    for one in supports(candidate, known):
        if one.state == "ended":
            yield f"support of {one.name} ended on {one.extended or one.ends}"
        elif one.state == "extended":
            yield f"{one.name} is in extended support until {one.extended}"
        elif one.days is not None and 0 <= one.days < SOON_DAYS:
            yield f"support of {one.name} ends on {one.ends}"
    if candidate.inside is None and candidate.row is not None and candidate.row.stale:
        yield f"its facts are stale: {candidate.row.stale}"


def unknown_base(inside: Inside) -> Iterator[str]:
    """What it means that nobody knows where an image's own base ends."""
    if inside.base_layers is None:
        yield (
            "nothing tells where the image's own base ends: all that no package owns is taken for "
            "the application (name the base with --base)"
        )
