"""How a base stands by the calendar: the end of its support, and a newer patch of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.newer import newer_patch, newer_system, next_release
from lightship.bases.support import support_of_image, support_of_product, support_of_row
from lightship.dockerfile.image_name import image_name
from lightship.model.results.base_check import BaseFinding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.bases.candidate import Candidate
    from lightship.bases.known import Known
    from lightship.bases.newer import Instead
    from lightship.bases.support import Support
    from lightship.model.results.base_check import Severity

SOON_DAYS = 90
"""The end of a base's support is told so long before."""


def standing(candidate: Candidate, known: Known) -> tuple[BaseFinding, ...]:
    """What is wrong with a base today, whatever stands on it.

    Args:
        candidate: the base; one that was opened is asked for its system itself.
        known: what is known today.
    """
    name = _name(candidate)
    instead = next_release(name, known) or newer_system(name, known)
    found = [
        one
        for support in supports(candidate, known)
        if (one := _finding(support, instead)) is not None
    ]
    patch = newer_patch(name, known)
    if patch is not None:
        found.append(
            BaseFinding(
                rule="newer-patch",
                severity="warning",
                says=f"{patch.says}.",
                todo=f"Use {patch.name}, and build and test again.",
            )
        )
    return tuple(found)


def _name(candidate: Candidate) -> str:
    """What the base is called, by those who know it best."""
    if candidate.row is not None:
        return candidate.row.name
    return candidate.inside.name if candidate.inside is not None else candidate.name


def supports(candidate: Candidate, known: Known) -> tuple[Support, ...]:
    """How long a base's system and what it is made for are supported, as far as anybody knows."""
    told: list[Support | None] = []
    if candidate.inside is not None:
        own = support_of_image(candidate.inside, known)
        told += [own.system, own.product]
    if candidate.row is not None:
        row = support_of_row(candidate.row, known)
        told += [row.system, row.product]
    elif (parsed := image_name(_name(candidate))).tag:
        told.append(support_of_product(parsed.repository, parsed.tag, known))
    return tuple(_by_product(told))


def _by_product(told: Iterable[Support | None]) -> Iterator[Support]:
    """Of one product the first: what an image says of itself goes before what is said of it."""
    seen = set()
    for one in told:
        if one is not None and one.product not in seen:
            seen.add(one.product)
            yield one


def _finding(support: Support, instead: Instead | None) -> BaseFinding | None:
    todo = (
        f"Move to {instead.name}, and test." if instead else "Move to a release that is supported."
    )
    if support.state == "ended":
        last = max(filter(None, (support.ends, support.extended)))
        return _of_age("error", f"{support.name} has had no fixes since {last}.", todo, support)
    if support.state == "extended":
        says = (
            f"{support.name} has had its makers' support until {support.ends}; volunteers' goes "
            f"on until {support.extended}."
        )
        return _of_age("info", says, todo, support)
    if support.days is not None and 0 <= support.days < SOON_DAYS:
        says = f"Support of {support.name} ends on {support.ends}, in {support.days} days."
        return _of_age("info", says, "Plan the move to the next release.", support)
    return None


def _of_age(severity: Severity, says: str, todo: str, support: Support) -> BaseFinding:
    origin = f"{support.origin.source}, {support.origin.seen}"
    stale = f"; stale: {support.stale}" if support.stale else ""
    return BaseFinding(
        rule="end-of-life-base",
        severity=severity,
        says=says,
        todo=todo,
        evidence=(f"dates by {origin}{stale}",),
    )
