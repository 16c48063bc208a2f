"""What lies in the same directory of a build context, sent or left out."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.survey import Place
    from lightship.rules.sending import Sending


def beside(sending: Sending, place: Place, *patterns: str) -> bool:
    """Whether a file lies beside a directory whose name matches one of the patterns."""
    above = sending.places.get(place.path.rpartition("/")[0])
    if above is None or not place.path:
        return False
    return any(
        fnmatchcase(name, pattern) if "*" in pattern else name == pattern
        for name in names_in(above)
        for pattern in patterns
    )


def names_in(place: Place) -> Iterator[str]:
    """The files of a directory, those that are left out among them."""
    yield from place.names
    for one in place.left_out:
        yield one.name
