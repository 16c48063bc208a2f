"""Whether anybody looked into the base: without, nothing about it is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.model.results.base_verdict import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move


def judge(move: Move) -> Iterator[Reason]:
    """A base that was not opened leaves a doubt."""
    if move.candidate.inside is None:
        yield Reason(
            kind="seen",
            weight="unproven",
            says="only the catalogue's facts about it are known here: nobody looked into it",
        )
    elif move.landing is None:
        yield Reason(
            kind="seen",
            weight="unproven",
            says="it and the application make no file tree: links in it run in a circle",
        )
