"""Bases by their names: opened where they can be had, else as the catalogue knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.api.base_opening import look_inside
from lightship.bases.candidate import Candidate
from lightship.errors import PlatformMismatchError, UnreachableError, UsageError

if TYPE_CHECKING:
    from lightship.api.options import ReadOptions
    from lightship.bases.known import Known


def opened_candidate(
    reference: str, platform: str, options: ReadOptions, known: Known
) -> Candidate:
    """A base that a user named.

    Args:
        reference: as for `inspect`, or a name that the catalogue knows.
        platform: that the application is for.
        options: how it is read.
        known: the catalogue.

    Raises:
        PlatformMismatchError: it is there for other platforms only.
        UnreachableError: it cannot be had, and the catalogue does not know it either.
        LightshipError: as `inspect`.
    """
    row = known.find(reference)
    try:
        inside = look_inside(reference, platform, options)
    except PlatformMismatchError:
        raise
    except UnreachableError as problem:
        if row is None:
            hint = " ".join(
                filter(None, (problem.hint, "The catalogue of bases does not know it either."))
            )
            raise UnreachableError(f"the base: {problem.what}", hint) from None
        options.progress.note(f"{problem.what}: {row.name} is judged by the catalogue alone")
        return Candidate(name=row.name, row=row)
    if str(inside.platform) != platform:
        raise PlatformMismatchError(
            f"the base {reference} is for {inside.platform}, the application for {platform}"
        )
    return Candidate(name=reference, row=row or known.find_image(inside), inside=inside)


def catalogued(row_name: str, known: Known) -> Candidate:
    """A base that the catalogue knows, unopened.

    Raises:
        UsageError: it does not know it.
    """
    row = known.find(row_name)
    if row is None:
        raise UsageError(f"{row_name} is not in the catalogue of bases", "See lightship base list.")
    return Candidate(name=row.name, row=row)
