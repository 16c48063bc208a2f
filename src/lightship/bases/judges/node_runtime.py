"""Whether the base's Node.js is of the version that runs the application now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.node_version import NODE, node_now, node_there
from lightship.bases.reasoning import reason
from lightship.bases.runtimes import is_same, runtimes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_KIND = "node_runtime"


def judge(move: Move) -> Iterator[Reason]:
    """Another major version leaves a doubt, and so does one that nobody knows."""
    found = runtimes_of(move, NODE)
    if found is None or is_same(move, found):
        return
    if found.there is None and move.landing is not None:
        return  # the entrypoint's judge says that it is not there
    now, there = node_now(move, found), node_there(move, found)
    if now is None or there is None:
        if move.landing is not None:
            says = "which versions of Node.js run it, now and there, is not known"
            yield reason(_KIND, "unproven", says)
    elif now != there:
        says = f"Node.js {there} would run it, which Node.js {now} runs now"
        yield reason(_KIND, "unproven", says)
