"""Bases by their names: opened where they can be had, else as the catalogue knows them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lightship.api.base_opening import look_inside
from lightship.api.base_scratch import SCRATCH, scratch
from lightship.bases.candidate import Candidate
from lightship.errors import PlatformMismatchError, UnreachableError

if TYPE_CHECKING:
    from lightship.api.options import ReadOptions
    from lightship.bases.known import Known

_MOST_IMAGES = 50
"""Of a folder that was named."""


def opened_candidate(
    reference: str, platform: str, options: ReadOptions, known: Known
) -> Candidate:
    """A base that a user named.

    Args:
        reference: as for `inspect`, a name that the catalogue knows, or `scratch`.
        platform: that the application is for.
        options: how it is read.
        known: the catalogue.

    Raises:
        PlatformMismatchError: it is there for other platforms only.
        UnreachableError: it cannot be had, and the catalogue does not know it either.
        LightshipError: as `inspect`.
    """
    if reference == SCRATCH:
        return scratch(platform)
    row = known.find(reference)
    try:
        inside = look_inside(reference, platform, options)
    except PlatformMismatchError:
        raise
    except UnreachableError as problem:
        if row is None:
            hint = known.not_known(reference, problem.hint)
            raise UnreachableError(f"the base: {problem.what}", hint) from None
        options.progress.note(f"{problem.what}: {row.name} is judged by the catalogue alone")
        return Candidate(name=row.name, row=row)
    if str(inside.platform) != platform:
        raise PlatformMismatchError(
            f"the base {reference} is for {inside.platform}, the application for {platform}"
        )
    return Candidate(name=reference, row=row or known.find_image(inside), inside=inside)


def in_folder(reference: str) -> tuple[str, ...]:
    """The images in a folder that is none itself: its archives and layouts, in order of names.

    Anything else is what it is.
    """
    folder = Path(reference)
    try:
        if not folder.is_dir() or _is_image(folder):
            return (reference,)
        found = sorted(one for one in folder.iterdir() if _is_image(one))
    except (OSError, ValueError):
        return (reference,)
    return tuple(map(str, found[:_MOST_IMAGES])) or (reference,)


def _is_image(path: Path) -> bool:
    if path.is_dir():
        return any((path / name).is_file() for name in ("oci-layout", "index.json"))
    return path.suffix == ".tar" or path.name.endswith((".tar.gz", ".tgz"))
