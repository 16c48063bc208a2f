"""Whether the libraries that programs need are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.reasoning import failures_told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason


def judge(move: Move) -> Iterator[Reason]:
    """What is started and fails blocks; what may be loaded leaves a doubt."""
    yield from failures_told("libraries", move.loads.of("library"), "a library that they need")
