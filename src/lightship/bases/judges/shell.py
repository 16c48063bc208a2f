"""Whether there is a shell for a command in shell form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.missing import missing_told
from lightship.bases.reasoning import reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_SHELL = b"/bin/sh"


def judge(move: Move) -> Iterator[Reason]:
    """A command that begins with a shell does not run without; RUN instructions do not either."""
    yield from missing_told("shell", move)
    row, landing = move.candidate.row, move.landing
    if landing is not None:
        is_there = landing.program(_SHELL) is not None
    else:
        is_there = row is None or row.shell != "none"
    if not is_there and move.application.scene.program(_SHELL) is not None:
        says = (
            "it has no shell: a Dockerfile's RUN belongs in an earlier stage, and exec form in CMD"
        )
        yield reason("shell", "note", says)
