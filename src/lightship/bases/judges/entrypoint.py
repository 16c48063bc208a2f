"""Whether what the command starts is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.missing import missing_told
from lightship.bases.reasoning import reason, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_KIND = "entrypoint"


def judge(move: Move) -> Iterator[Reason]:
    """Its program, and what its scripts end in."""
    entrypoint = move.before.entrypoint
    if not entrypoint.words:
        yield reason(_KIND, "unproven", "the image has no command: nothing tells what it would run")
    elif entrypoint.is_open:
        says = "its command is a shell or an interpreter that is given its work when it runs"
        yield reason(_KIND, "unproven", says)
    elif entrypoint.is_partial:
        yield reason(_KIND, "unproven", "its command runs more than could be read")
    for word in entrypoint.missing:
        # Programs are told by the steps of the start.
        if b"." in word.rpartition(b"/")[2] and word in entrypoint.words:
            says = f"its command runs {text_of(word)}, which is not in the image"
            yield reason(_KIND, "unproven", says)
    yield from missing_told(_KIND, move)
