"""Which instruction made which layer: history mapped to layers, also where the two do not match.

History and layers meet by counting alone (OCI image-spec, config.md, "history"): an entry that is
not marked `empty_layer` made the next layer. Builders forget entries, marks, or all of it (C2-C5).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.documents import HistoryEntry

# Instructions that change the config alone. WORKDIR is not among them: it may make a directory.
_METADATA = re.compile(
    r"(?:/bin/sh -c #\(nop\)\s+)?"
    r"(?:ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL|STOPSIGNAL|USER"
    r"|VOLUME)\b"
)


class Instructions(Struct, frozen=True):
    """How history entries and layers belong together.

    Attributes:
        entries: for each layer, oldest first, the number of its history entry, or None.
        guessed: whether history and layers did not match, so that `entries` is the likeliest.
    """

    entries: tuple[int | None, ...]
    guessed: bool


def map_history(history: Sequence[HistoryEntry], layer_entries: Sequence[int]) -> Instructions:
    """Find each layer's history entry.

    Where there are too many entries, those that cannot have made a layer are passed over first,
    then the newest. Where there are too few, layers without a single record are passed over if
    that makes the counts equal; else the oldest layers, as a base without history has them.

    Args:
        history: oldest first.
        layer_entries: number of tar records of each layer, oldest first.
    """
    layers = len(layer_entries)
    candidates = [number for number, entry in enumerate(history) if not entry.empty_layer]
    if len(candidates) == layers:
        return Instructions(tuple(candidates), guessed=False)
    surplus = len(candidates) - layers
    if surplus > 0:
        idle = [n for n in candidates if _METADATA.match(history[n].created_by or "")][:surplus]
        kept = [number for number in candidates if number not in idle]
        return Instructions(tuple(kept[:layers]), guessed=True)
    if layers - sum(not count for count in layer_entries) == len(candidates):
        waiting = iter(candidates)
        return Instructions(
            tuple(next(waiting) if count else None for count in layer_entries), guessed=True
        )
    return Instructions((None,) * -surplus + tuple(candidates), guessed=bool(candidates))
