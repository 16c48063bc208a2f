"""Whether the loaders that programs name are there, and whether files can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.reasoning import failures_told, reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason


def judge(move: Move) -> Iterator[Reason]:
    """What is started and fails blocks; what may be loaded leaves a doubt."""
    yield from failures_told("loader", move.loads.of("loader", "unread"), "their loader")
    if move.loads.unasked:
        yield reason(
            "loader",
            "unproven",
            f"{move.loads.unasked} more programs and libraries of the application were not loaded: "
            "they are too many",
        )
