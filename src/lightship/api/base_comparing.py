"""`base compare`: base images beside each other, opened or as the catalogue knows them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Unpack

from lightship.api.base_advisories import read_advisories
from lightship.api.base_opening import look_inside
from lightship.api.options import ReadKeywords, ReadOptions
from lightship.bases.candidate import Candidate
from lightship.bases.columns import facts_of_row
from lightship.bases.comparing import seen_of
from lightship.bases.image_columns import facts_of_image
from lightship.bases.in_common import pairs_of
from lightship.bases.known import known_bases
from lightship.errors import PlatformMismatchError, UnreachableError, UsageError
from lightship.model.platform import Platform
from lightship.model.results.base_compare import BaseCompareResult, Compared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from lightship.bases.advisories.advisory import Advisories
    from lightship.bases.inside import Inside
    from lightship.bases.known import Known
    from lightship.catalogue.base_images import BaseRow

MOST_IMAGES = 20


def base_compare(
    references: Sequence[str],
    *,
    advisories: Sequence[str] = (),
    platform: str | None = None,
    data: Path | None = None,
    today: date | None = None,
    **reading: Unpack[ReadKeywords],
) -> BaseCompareResult:
    """Compare images, the one beside the other.

    Args:
        references: of images, as for `inspect`, at most 20; one that cannot be had is compared by
            the catalogue's word where it is there.
        advisories: places of advisories, as `read_advisories` takes them; without, vulnerabilities
            are unknown.
        platform: `linux/arm64`...; None for this machine's where there is a choice.
        data: the user's data folder, with what `base update` learnt; None for none.
        today: the day by which facts are stale and support has ended.
        reading: as the fields of `lightship.ReadOptions`.

    Raises:
        UsageError: there are none, or too many.
        LightshipError: one cannot be read, as for `inspect`, and the catalogue does not know it.
    """
    if not 0 < len(references) <= MOST_IMAGES:
        raise UsageError(f"1 to {MOST_IMAGES} images are compared, not {len(references)}")
    options = ReadOptions(**reading)
    known = known_bases(data, today or datetime.now(UTC).date())
    found = [_found(reference, platform, options, known) for reference in references]
    insides = {n: one.inside for n, one in enumerate(found) if one.inside is not None}
    books = read_advisories(advisories, options) if advisories and insides else None
    on = platform or str(Platform.here())
    images = tuple(
        _catalogued(one.name, one.row, known, on)
        if one.row is not None
        else _opened(one.name, number, insides, known, books)
        for number, one in enumerate(found)
    )
    notes = books.notes if books is not None else ()
    return BaseCompareResult(
        today=known.today.isoformat(),
        images=images,
        pairs=pairs_of(insides),
        warnings=tuple(dict.fromkeys((*known.notes, *notes, *_warnings(images)))),
    )


def _found(reference: str, platform: str | None, options: ReadOptions, known: Known) -> Candidate:
    try:
        inside = look_inside(reference, platform, options)
    except PlatformMismatchError:
        raise
    except UnreachableError as problem:
        row = known.find(reference)
        if row is None:
            hint = known.not_known(reference, problem.hint)
            raise UnreachableError(problem.what, hint) from None
        options.progress.note(f"{problem.what}: {row.name} is compared by the catalogue alone")
        return Candidate(name=reference, row=row)
    return Candidate(name=reference, inside=inside)


def _opened(
    name: str,
    number: int,
    insides: Mapping[int, Inside],
    known: Known,
    books: Advisories | None,
) -> Compared:
    inside = insides[number]
    return Compared(
        name=name,
        digest=inside.digest,
        platform=str(inside.platform),
        facts=facts_of_image(inside, known),
        seen=seen_of(number, insides, books, known.today),
    )


def _catalogued(name: str, row: BaseRow, known: Known, platform: str) -> Compared:
    return Compared(
        name=name,
        digest=row.digests.get(platform),
        platform=platform,
        facts=facts_of_row(row, known, platform),
        seen=None,
    )


def _warnings(images: Sequence[Compared]) -> Iterator[str]:
    unopened = [one.name for one in images if one.seen is None]
    if unopened:
        yield (
            f"not opened, compared by the catalogue alone: {', '.join(unopened)};"
            " what is in common with these is not known"
        )
    platforms = sorted({one.platform for one in images})
    if len(platforms) > 1:
        yield f"the images are for different platforms: {', '.join(platforms)}"
    for one in images:
        counts = one.seen.vulnerabilities if one.seen is not None else None
        yield from counts.notes if counts is not None else ()
