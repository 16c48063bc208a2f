"""What brings an image over a limit: the heaviest of what the budget counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.results.check import Cause
from lightship.policy.figures import blobs
from lightship.printable import decode_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from fractions import Fraction

    from lightship.policy.baselines import Baseline
    from lightship.policy.budgets import Budget
    from lightship.policy.figures import Figures, Weight
    from lightship.policy.forbidden import Place
    from lightship.policy.gate import Gate

MOST_CAUSES = 5
_MOST_PATHS = 50
_COMPRESSED, _UNPACKED = "compressed", "unpacked"


def causes_of(
    budget: Budget, figures: Figures, gate: Gate, baseline: Baseline | None, limit: Fraction
) -> tuple[Cause, ...]:
    """The heaviest first, at most `MOST_CAUSES`; of forbidden paths a few more.

    Args:
        budget: that is broken.
        figures: of the image.
        gate: that it was held against.
        baseline: what growth is counted from.
        limit: that is broken, in the budget's unit.
    """
    own = blobs(figures.layers)
    match budget.name:
        case "max-wire":
            return _heaviest(own, _wire, _COMPRESSED)
        case "max-blob":
            return _heaviest([one for one in own if _wire(one) > limit], _wire, _COMPRESSED)
        case "max-layer":
            broken = [one for one in figures.layers if _unpacked(one) > limit]
            return _heaviest(broken, _unpacked, _UNPACKED)
        case "max-unpacked":
            return _heaviest(figures.layers, _unpacked, _UNPACKED)
        case "max-dead" | "min-efficiency":
            return figures.dead[:MOST_CAUSES]
        case "max-duplicate":
            return figures.duplicates[:MOST_CAUSES]
        case "max-layers":
            return ()
        case "max-files":
            return _most_files(figures.layers)
        case "max-growth":
            return _heaviest(_new(own, baseline), _wire, _COMPRESSED)
        case "max-growth-unpacked":
            return _heaviest(_new(figures.layers, baseline), _unpacked, _UNPACKED)
        case _:
            places = figures.places.get(budget.name, ())
            written = [one.pattern.written for one in gate.patterns(budget)]
            return tuple(_place(one, figures, written) for one in places[:_MOST_PATHS])


def _wire(layer: Weight) -> int:
    return layer.wire_bytes


def _unpacked(layer: Weight) -> int:
    return layer.unpacked_bytes or 0


def _heaviest(
    layers: Iterable[Weight], weigh: Callable[[Weight], int], which: str
) -> tuple[Cause, ...]:
    heaviest = sorted(layers, key=lambda one: (-weigh(one), one.index))[:MOST_CAUSES]
    return tuple(
        Cause(what=which, layer=one.index, created_by=one.created_by, bytes=weigh(one))
        for one in heaviest
        if weigh(one)
    )


def _most_files(layers: Iterable[Weight]) -> tuple[Cause, ...]:
    most = sorted(layers, key=lambda one: (-(one.files or 0), one.index))[:MOST_CAUSES]
    return tuple(
        Cause(
            what=f"{one.files:,} file{'' if one.files == 1 else 's'}",
            layer=one.index,
            created_by=one.created_by,
            bytes=one.unpacked_bytes,
        )
        for one in most
        if one.files
    )


def _new(layers: Iterable[Weight], baseline: Baseline | None) -> list[Weight]:
    """Those that the baseline does not have; all, where it does not say."""
    known = baseline.layers if baseline else frozenset()
    return [one for one in layers if known.isdisjoint({one.digest, one.diff_id})]


def _place(place: Place, figures: Figures, written: list[str]) -> Cause:
    path = f"/{decode_path(place.path)}"
    hidden = "" if place.visible else ", hidden by a later layer"
    layer = next((one for one in figures.layers if one.index == place.layer), None)
    return Cause(
        what=f"{path}{hidden} (matches {written[place.pattern]})",
        layer=place.layer,
        created_by=layer.created_by if layer else None,
        bytes=place.unpacked_bytes,
    )
