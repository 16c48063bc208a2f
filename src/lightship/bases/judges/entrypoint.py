"""Whether what the command starts is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.scripts import SHELLS
from lightship.bases.reasoning import reason, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.landing import Landing
    from lightship.bases.move import Move
    from lightship.bases.started import Step
    from lightship.model.results.base_verdict import Reason

_KIND = "entrypoint"


def judge(move: Move) -> Iterator[Reason]:
    """The program, the interpreters of scripts, and what scripts end in."""
    entrypoint = move.application.entrypoint
    if not entrypoint.words:
        yield reason(_KIND, "unproven", "the image has no command: nothing tells what it would run")
    elif entrypoint.is_open:
        says = "its command is a shell or an interpreter that is given its work when it runs"
        yield reason(_KIND, "unproven", says)
    elif entrypoint.is_partial:
        yield reason(_KIND, "unproven", "its command runs more than could be read")
    if move.landing is not None:
        yield from _missing(move, move.landing)
    else:
        yield from _without_shell(move)


def _missing(move: Move, landing: Landing) -> Iterator[Reason]:
    now = {step.word for step in move.application.scene.started.steps if step.file is not None}
    told = set()
    for step in landing.started.steps:
        if step.file is not None or not step.is_certain or step.word in told:
            continue
        told.add(step.word)
        path = step.by.path if step.by is not None else None
        if step.word in now:
            yield reason(_KIND, "blocks", f"{_what(step)} is not there", path)
        else:
            yield reason(_KIND, "unproven", f"{_what(step)} was not found, nor is it now", path)


def _what(step: Step) -> str:
    word = text_of(step.word)
    if step.is_interpreter:
        return f"{word}, which runs the script {text_of(step.by.path) if step.by else ''},"
    return f"the program {word} that it starts"


def _without_shell(move: Move) -> Iterator[Reason]:
    """By the catalogue alone: a base without a shell runs no script of one."""
    row = move.candidate.row
    if row is None or row.shell != "none":
        return
    carried = move.application.carried
    for step in move.application.scene.started.steps:
        name = step.word.rpartition(b"/")[2]
        if step.file is None or step.file.record in carried or name not in SHELLS:
            continue
        if step.is_certain:
            path = step.by.path if step.by is not None else None
            yield reason(_KIND, "blocks", f"{_what(step)} is not there: it has no shell", path)
            return
