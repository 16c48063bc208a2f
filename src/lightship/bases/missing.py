"""What a command cannot start without, and does not find on the base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.scripts import SHELLS
from lightship.bases.reasoning import reason, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.bases.started import Step
    from lightship.model.results.base_verdict import Reason


def missing_told(kind: str, move: Move) -> Iterator[Reason]:
    """Reasons for what is missing, each once.

    Args:
        kind: `scripts`: programs that run scripts; `shell`: a shell that the command begins with;
            `entrypoint`: all others.
        move: of the application.
    """
    now = {one.word: one.file for one in move.application.scene.started.steps}
    told = set()
    for step in _missing(move):
        if step.word in told or _kind_of(step) != kind:
            continue
        told.add(step.word)
        path = step.by.path if step.by is not None else None
        file = now.get(step.word)
        if file is None:
            says = f"{_what(step)} was not found, nor is it now"
        elif not move.application.is_installed(file.record):
            yield reason(kind, "blocks", f"{_what(step)} is not there", path)
            continue
        else:
            says = f"{_what(step)} is there only if a package brings it"
        yield reason(kind, "unproven", says, path)


def _missing(move: Move) -> Iterator[Step]:
    if move.landing is not None:
        for step in move.landing.started.steps:
            if step.file is None and step.is_certain:
                yield step
        return
    row = move.candidate.row
    if row is None or row.shell != "none":
        return
    # By the catalogue alone: a base without a shell runs no script of one.
    for step in move.before.started.steps:
        carried = step.file is not None and step.file.record in move.application.carried
        if step.is_certain and step.file is not None and not carried and _is_shell(step):
            yield step


def _is_shell(step: Step) -> bool:
    return step.word.rpartition(b"/")[2] in SHELLS


def _kind_of(step: Step) -> str:
    if step.is_interpreter:
        return "scripts"
    return "shell" if step.by is None and _is_shell(step) else "entrypoint"


def _what(step: Step) -> str:
    word = text_of(step.word)
    if step.is_interpreter and step.by is not None:
        return f"{word}, which runs the script {text_of(step.by.path)},"
    if _kind_of(step) == "shell":
        return f"the shell {word} that its command begins with"
    return f"the program {word} that it starts"
