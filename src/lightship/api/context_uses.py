"""What each instruction of a Dockerfile takes of its context, and where."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from lightship.api.dockerfile_findings import text_of
from lightship.context.uses import Wanted
from lightship.model.results.context import Amount, ContextUse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.context.context import Context
    from lightship.context.survey import Place, Survey


class Takers(NamedTuple):
    """Who takes what.

    Attributes:
        uses: the instructions, in the order of the Dockerfile.
        by_place: for the path of a directory the indexes of those that take a file of it, as bits.
    """

    uses: tuple[ContextUse, ...]
    by_place: Mapping[str, int]


def takers(context: Context, survey: Survey) -> Takers:
    """Count for each instruction what it takes of what is not ignored."""
    if context.wanted is None or context.build is None:
        return Takers((), {})
    uses: list[ContextUse] = []
    by_place: dict[str, int] = {}
    real = [use for use in context.wanted.uses if use.takes_files]
    for _, group in groupby(real, key=lambda use: use.step.position):
        same = tuple(group)
        wanted = Wanted(context.root, same)
        files = content_bytes = 0
        bit = 1 << len(uses)
        for place in survey.places:
            count, size = _taken(wanted, place)
            if count:
                files += count
                content_bytes += size
                by_place[place.path] = by_place.get(place.path, 0) | bit
        step = same[0].step
        uses.append(
            ContextUse(
                line=step.instruction.line,
                instruction=text_of(step, context.build),
                sources=tuple(dict.fromkeys(one for use in same for one in use.sources)),
                amount=Amount(files, content_bytes),
                is_known=all(use.is_known for use in same),
            )
        )
    return Takers(tuple(uses), by_place)


def _taken(wanted: Wanted, place: Place) -> tuple[int, int]:
    """Files of a directory, and their bytes."""
    below = wanted.below(place.path)
    if below == "none":
        return 0, 0
    if below == "all":
        return len(place.sizes), sum(place.sizes)
    sizes = [size for name, size in zip(place.names, place.sizes, strict=True) if below.takes(name)]
    return len(sizes), sum(sizes)
