"""The history of a new config: the original instructions stay, also of merged layers (C6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.model.documents import HistoryEntry
    from lightship.rewrite.plan import PlannedLayer


def squashed_history(
    history: Sequence[HistoryEntry], layer_of: Sequence[int | None], kept: int, comment: str
) -> list[Mapping[str, Any]]:
    """History where all layers above the first `kept` are one.

    Args:
        history: the old one.
        layer_of: position of the layer that each entry made; None where it made none.
        kept: layers that stay.
        comment: of the entry that stands for the new layer.
    """
    entries: list[Mapping[str, Any]] = []
    for entry, position in zip(history, layer_of, strict=True):
        fields = _fields(entry)
        if position is not None and position > kept:
            fields["empty_layer"] = True
        entries.append(fields)
    made: dict[str, Any] = {"created_by": "lightship squash", "comment": comment}
    if history and history[-1].created:
        made = {"created": history[-1].created, **made}
    return [*entries, made]


def _fields(entry: HistoryEntry) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(entry)
    return {key: value for key, value in fields.items() if value is not None}


def without_layers(
    history: Sequence[HistoryEntry], layer_of: Sequence[int | None], layers: Sequence[PlannedLayer]
) -> list[Mapping[str, Any]] | None:
    """History where some layers are gone, since nothing was left in them."""
    left = {position for layer in layers for position in _positions(layer)}
    gone = {position for position in layer_of if position is not None} - left
    if not gone:
        return None
    return [
        {**_fields(entry), **({"empty_layer": True} if position in gone else {})}
        for entry, position in zip(history, layer_of, strict=True)
    ]


def _positions(layer: PlannedLayer) -> tuple[int, ...]:
    positions = getattr(layer, "positions", None)
    return positions if positions is not None else (layer.position,)  # type: ignore[union-attr]
