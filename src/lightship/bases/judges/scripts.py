"""Whether the programs that run scripts are there: what their first lines name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.missing import missing_told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason


def judge(move: Move) -> Iterator[Reason]:
    """A script that is started for certain does not run without."""
    yield from missing_told("scripts", move)
