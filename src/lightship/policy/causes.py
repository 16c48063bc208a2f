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
            return _layers(own, lambda one: one.wire_bytes)
        case "max-blob":
            broken = [one for one in own if one.wire_bytes > limit]
            return _layers(broken, lambda one: one.wire_bytes)
        case "max-layer":
            broken = [one for one in figures.layers if (one.unpacked_bytes or 0) > limit]
            return _layers(broken, lambda one: one.unpacked_bytes or 0)
        case "max-unpacked":
            return _layers(figures.layers, lambda one: one.unpacked_bytes or 0)
        case "max-dead" | "min-efficiency":
            return figures.dead[:MOST_CAUSES]
        case "max-duplicate":
            return figures.duplicates[:MOST_CAUSES]
        case "max-layers":
            return ()
        case "max-files":
            return _most_files(figures.layers)
        case "max-growth":
            return _layers(_new(own, baseline), lambda one: one.wire_bytes)
        case "max-growth-unpacked":
            new = _new(figures.layers, baseline)
            return _layers(new, lambda one: one.unpacked_bytes or 0)
        case _:
            places = figures.places.get(budget.name, ())
            written = [one.pattern.written for one in gate.patterns(budget)]
            return tuple(_place(one, figures, written) for one in places[:_MOST_PATHS])


def _layers(layers: Iterable[Weight], weigh: Callable[[Weight], int]) -> tuple[Cause, ...]:
    heaviest = sorted(layers, key=lambda one: (-weigh(one), one.index))[:MOST_CAUSES]
    return tuple(
        Cause(what=_instruction(one), layer=one.index, created_by=one.created_by, bytes=weigh(one))
        for one in heaviest
        if weigh(one)
    )


def _most_files(layers: Iterable[Weight]) -> tuple[Cause, ...]:
    most = sorted(layers, key=lambda one: (-(one.files or 0), one.index))[:MOST_CAUSES]
    return tuple(
        Cause(
            what=f"{one.files:,} files: {_instruction(one)}",
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
    hidden = "" if place.visible else ", which a later layer hides"
    layer = next((one for one in figures.layers if one.index == place.layer), None)
    return Cause(
        what=f"{path} (matches {written[place.pattern]}{hidden})",
        layer=place.layer,
        created_by=layer.created_by if layer else None,
        bytes=place.unpacked_bytes,
    )


def _instruction(layer: Weight) -> str:
    return layer.created_by or f"layer {layer.index}, of which the history says nothing"
