"""One walk for many Dockerfiles: what each takes of a context that was walked before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from lightship.context.totals import Totals

if TYPE_CHECKING:
    from lightship.context.survey import Place, Survey
    from lightship.context.uses import Wanted


def taken(survey: Survey, wanted: Wanted) -> Survey:
    """The same survey, with what a Dockerfile takes of what is sent.

    Args:
        survey: of the context with the same ignore file; whose Dockerfile's does not matter.
        wanted: what the Dockerfile takes.
    """
    used = Totals()
    places = []
    for place in survey.places:
        marks = _marks(place, wanted)
        places.append(replace(place, used=marks))
        used.files += sum(marks)
        used.content_bytes += sum(
            size for size, mark in zip(place.sizes, marks, strict=True) if mark
        )
    return replace(survey, places=places, used=used)


def _marks(place: Place, wanted: Wanted) -> bytearray:
    below = wanted.below(place.path)
    if below == "all":
        return bytearray(b"\1") * len(place.names)
    if below == "none":
        return bytearray(len(place.names))
    return bytearray(map(below.takes, place.names))
