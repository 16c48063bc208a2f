"""What an entrypoint does before it hands over to the command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.analysis.commands import shell_commands, wrapped
from lightship.analysis.scripts import runs_in_shell, scripts
from lightship.bases.reasoning import text_of
from lightship.bases.started import BUILTINS

if TYPE_CHECKING:
    from lightship.bases.scene import Scene

_SETS = re.compile(rb"(?m)^\s*(export|umask|ulimit|cd)\s")


def work_before(scene: Scene) -> tuple[str, ...] | None:
    """Programs that it calls, and what it sets for the command; none where it only hands over.

    None where it could not be read: a program, or a script that is not all seen.
    """
    settings = scene.settings
    first = scene.program(settings.entrypoint[0]) if settings.entrypoint else None
    if first is None:
        return None
    text = scripts(scene.records).get(first.record)
    if text is None:
        inner = wrapped([*settings.entrypoint, *settings.command])
        is_handing = inner == list(settings.command) and bool(inner)
        return () if is_handing and _keeps_account(settings.entrypoint[0]) else None
    found = shell_commands(text, settings.environment)
    if not runs_in_shell(text) or b"\n" not in text or found.is_partial:
        return None
    called = (text_of(words[0].rpartition(b"/")[2]) for words in found.simple)
    work = [name for name in called if name.encode() not in BUILTINS]
    work += [text_of(match[1]) for match in _SETS.finditer(text)]
    return tuple(dict.fromkeys(work))


def _keeps_account(word: bytes) -> bool:
    """Whether a program that starts another one does so as the same user."""
    return word.rpartition(b"/")[2] in (b"tini", b"dumb-init", b"catatonit", b"env")
