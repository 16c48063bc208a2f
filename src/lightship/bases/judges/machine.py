"""Whether the base is made for the application's machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.reasoning import reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason


def judge(move: Move) -> Iterator[Reason]:
    """Another machine runs none of its programs."""
    ours = move.application.inside.platform
    any_variant = f"{ours.os}/{ours.architecture}"
    inside, row = move.candidate.inside, move.candidate.row
    if inside is not None:
        theirs = inside.platform
        if (theirs.os, theirs.architecture) != (ours.os, ours.architecture):
            yield reason("machine", "blocks", f"it is for {theirs}, the application for {ours}")
    elif row is not None and row.platforms and not {str(ours), any_variant} & {*row.platforms}:
        others = ", ".join(row.platforms)
        yield reason("machine", "blocks", f"it is not made for {ours}, only for {others}")
