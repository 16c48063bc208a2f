"""The history of a new config: the original instructions stay, also of merged layers (C6).

What is written is always consistent, however the old history was (C2-C4): as many entries that are
not marked `empty_layer` as there are layers (OCI image-spec v1.1, config.md, "history").
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.rewrite.rawjson import RawObject, array_of, dumped
from lightship.rewrite.records import NewLayer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.documents import HistoryEntry
    from lightship.rewrite.plan import PlannedLayer

_MOST_TOLD = 100
_MOST_NAMED = 20


class OldHistory(Struct, frozen=True):
    """The history as it was, and which entry made which layer.

    Attributes:
        entries: oldest first.
        raw: the same entries as they are written.
        made: for each layer, oldest first, the number of its entry; None where it has none
            (`analysis.instructions.Instructions.entries`).
    """

    entries: Sequence[HistoryEntry]
    raw: Sequence[str]
    made: Sequence[int | None]


def new_history(
    old: OldHistory, layers: Sequence[PlannedLayer], command: str, created: str | None = None
) -> str:
    """The history of an image whose layers are others, as JSON.

    Every old entry stays. One whose layer is gone, or became a part of another, is marked
    `empty_layer`; a layer that was made of several gets an entry of its own behind the last of
    theirs, so that it stands before the CMD and ENTRYPOINT that close an image.

    Args:
        old: the history as it was.
        layers: the new ones, oldest first.
        command: what made the new layers: `lightship squash`.
        created: no entry is to be dated later; RFC 3339, or None for no bound.
    """
    carriers: set[int] = set()
    behind: dict[int, list[str]] = {}
    place = -1
    for layer in layers:
        positions = layer.positions if isinstance(layer, NewLayer) else (layer.position,)
        anchors = [anchor for at in positions if (anchor := old.made[at - 1]) is not None]
        place = max((place, *anchors))
        if len(positions) == 1 and anchors:
            carriers.add(anchors[0])
        else:
            behind.setdefault(place, []).append(_entry(old, positions, anchors, command))
    entries = list(behind.get(-1, ()))
    for number, raw in enumerate(old.raw):
        entries.append(_marked(old.entries[number], raw, made_layer=number in carriers))
        entries += behind.get(number, ())
    return array_of([_dated(entry, created) for entry in entries])


def clamped_history(raw: Sequence[str], created: str | None) -> str:
    """The same entries, none dated later than `created`."""
    return array_of([_dated(entry, created) for entry in raw])


def _entry(old: OldHistory, positions: Sequence[int], anchors: Sequence[int], command: str) -> str:
    """The entry of a layer that has none: of several that became one, or of an untold one."""
    entry: dict[str, str] = {}
    dates = [date for anchor in anchors if (date := old.entries[anchor].created)]
    if dates:
        entry["created"] = dates[-1]
    if len(positions) == 1:
        entry["comment"] = "the history of this layer was not kept"
    else:
        entry["created_by"] = command
        told = [_told(old.entries[anchor]) for anchor in anchors]
        named = "; ".join(told[:_MOST_NAMED])
        more = f"; and {len(told) - _MOST_NAMED} more" if len(told) > _MOST_NAMED else ""
        merged = f"layers {positions[0]} to {positions[-1]} in one"
        entry["comment"] = f"{merged}: {named}{more}" if told else merged
    return dumped(entry)


def _told(entry: HistoryEntry) -> str:
    text = " ".join((entry.created_by or entry.comment or "not told")[: 4 * _MOST_TOLD].split())
    return text if len(text) <= _MOST_TOLD else f"{text[:_MOST_TOLD]}..."


def _marked(entry: HistoryEntry, raw: str, *, made_layer: bool) -> str:
    if made_layer is not bool(entry.empty_layer):
        return raw
    edited = RawObject(raw)
    if made_layer:
        edited.drop("empty_layer")
    else:
        edited.put("empty_layer", "true")
    return str(edited)


def _dated(raw: str, latest: str | None) -> str:
    if latest is None:
        return raw
    entry = RawObject(raw)
    written = entry.get("created")
    date, bound = _time((written or "").strip('"')), _time(latest)
    if date is None or bound is None or date <= bound:
        return raw
    entry.put("created", dumped(latest))
    return str(entry)


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else None
    except (ValueError, OverflowError):
        return None
