"""Whether the tools that the command's scripts call are there, and are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.reasoning import listed, reason, text_of
from lightship.bases.started import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.analysis.lookup import FoundFile
    from lightship.bases.landing import Landing
    from lightship.bases.move import Move
    from lightship.model.results.base_verdict import Reason

_KIND = "tools"
# That every implementation does alike, as scripts use them.
_PLAIN = frozenset(
    b"[ ash basename cat chgrp chmod chown cp cut dash dirname echo env expr false head hostname "
    b"id kill ln ls mkdir mktemp mv nohup printenv printf pwd rm rmdir seq sh sleep sort su "
    b"tail tee test touch tr true uname uniq wc which whoami xargs yes".split()
)


def judge(move: Move) -> Iterator[Reason]:
    """A tool that may be called and is missing leaves a doubt; one of another make as well."""
    landing = move.landing
    if landing is None:
        return
    certain = {one.word for one in landing.started.steps if one.is_certain and one.file is None}
    told = {one.file for one in move.application.scene.started.steps if one.word in certain}
    missing, others = [], []
    entrypoint = move.before.entrypoint
    for file, word in zip(entrypoint.files, entrypoint.called, strict=True):
        name = word.rpartition(b"/")[2]
        if file in told or file.record in move.application.carried:
            continue
        there = _there(file, word, landing)
        if there is None and name not in BUILTINS:
            missing.append(text_of(name))
        elif (
            there is not None
            and _is_busybox(there)
            and not _is_busybox(file)
            and name not in _PLAIN
        ):
            others.append(text_of(name))
    if missing:
        which = "1 tool" if len(missing) == 1 else f"{len(missing)} tools"
        says = f"{which} that its command's scripts or its health check may call would not be there"
        yield reason(_KIND, "unproven", says, evidence=listed(missing))
    if others:
        which = "1 tool is" if len(others) == 1 else f"{len(others)} tools are"
        says = f"{which} BusyBox's there, which knows fewer options"
        yield reason(_KIND, "unproven", says, evidence=listed(others))


def _there(file: FoundFile, word: bytes, landing: Landing) -> FoundFile | None:
    """By the word that scripts call it by: `awk`, whoever brings that."""
    return landing.program(word) or landing.lookup.file(file.path)


def _is_busybox(file: FoundFile) -> bool:
    return file.path.rpartition(b"/")[2].startswith(b"busybox")
