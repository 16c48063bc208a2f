"""Runtimes of languages, now and on the base: found by the program that is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    import re

    from lightship.analysis.lookup import FoundFile
    from lightship.bases.inside import Inside
    from lightship.bases.landing import Landing
    from lightship.bases.move import Move
    from lightship.bases.scene import Scene
    from lightship.bases.started import Step


class Runtimes(Struct, frozen=True):
    """A runtime that the base has to have, since the application does not bring it.

    Attributes:
        now: the program as it is now.
        there: on the base; None where it is not there, or nobody looked.
        step: that starts it now.
    """

    now: FoundFile
    there: FoundFile | None
    step: Step


def runtimes_of(move: Move, pattern: re.Pattern[bytes]) -> Runtimes | None:
    """The runtime whose program's name matches; None if none is started, or it comes along."""
    scene = move.application.scene
    found = _started(scene, pattern)
    if found is None or found[1].record in move.application.carried:
        return None
    there = _started(move.landing, pattern) if move.landing is not None else None
    return Runtimes(found[1], there[1] if there is not None else None, found[0])


def _started(scene: Scene, pattern: re.Pattern[bytes]) -> tuple[Step, FoundFile] | None:
    for step in scene.started.steps:
        if step.file is not None and pattern.fullmatch(step.word.rpartition(b"/")[2]):
            return step, step.file
    return None


def is_same(move: Move, found: Runtimes) -> bool:
    """Whether it is the very same program, byte for byte."""
    landing = move.landing
    if landing is None or found.there is None:
        return False
    return landing.content(found.there.record) == move.application.scene.content(found.now.record)


def source_of(move: Move, landing: Landing, record: int) -> tuple[Inside, int]:
    """The image that a file of the landing is of, with its record there."""
    origin = landing.origins[record]
    base = move.candidate.inside
    if origin >= 0 or base is None:
        return move.application.inside, origin
    return base, record  # the landing begins with the base's own layers
