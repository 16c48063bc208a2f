"""What the old base's config starts, and the new one's does not, or otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.dockerfile_words import exec_form, is_plain
from lightship.bases.entrypoint_work import work_before
from lightship.bases.reasoning import listed, reason, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.analysis.run_settings import RunSettings
    from lightship.bases.landing import Landing
    from lightship.bases.move import Move
    from lightship.bases.scene import Scene
    from lightship.model.results.base_verdict import Reason, Weight

_KIND = "inherited"


def judge(move: Move) -> Iterator[Reason]:
    """An ENTRYPOINT or CMD that nobody set above the old base is the new base's from now on."""
    base, landing = move.candidate.inside, move.landing
    if base is None or landing is None:
        return
    ours, theirs, own = move.application.inside.settings, base.settings, move.application.own
    if not own.is_entrypoint_told:
        yield from _untold(ours, theirs)
    elif not own.command:
        yield from _command(move, landing, theirs)
    elif not own.entrypoint:
        yield from _entrypoint(move, landing, theirs)
    if not own.working_directory and ours.working_directory != theirs.working_directory:
        shown = text_of(ours.working_directory)
        says = (
            f"its containers begin in {text_of(theirs.working_directory)}, the image's in {shown}"
        )
        yield reason(_KIND, "carry", says, todo=f"WORKDIR {shown if is_plain(shown) else '...'}")
    if not own.user and ours.user and ours.user != theirs.user:
        says = f"its containers run as {theirs.user or 'root'}, the image's as {ours.user}"
        todo = f"USER {ours.user if is_plain(ours.user) else '...'}"
        yield reason(_KIND, "carry", says, todo=todo)
    if not own.healthcheck and ours.healthcheck and ours.healthcheck != theirs.healthcheck:
        yield reason(_KIND, "note", "the health check that the old base has is not there")
    if not own.stop_signal and ours.stop_signal and ours.stop_signal != theirs.stop_signal:
        instead = theirs.stop_signal or "SIGTERM"
        says = f"its containers are stopped by {instead}, the image's by {ours.stop_signal}"
        yield reason(_KIND, "note", says)


def _untold(ours: RunSettings, theirs: RunSettings) -> Iterator[Reason]:
    """As if the entrypoint were the application's own, for it may be."""
    if ours.entrypoint == theirs.entrypoint or not (ours.entrypoint or ours.command):
        return
    todo = exec_form("ENTRYPOINT", ours.entrypoint)
    lacks = "it has no entrypoint, as the image has now"
    says = _would_run(theirs) if theirs.entrypoint else lacks
    yield reason(_KIND, "carry", says, todo=todo)
    if ours.entrypoint:
        says = (
            f"nothing tells whether the entrypoint {_shown(ours.entrypoint)} is the application's "
            "own or its old base's: it is judged as its own"
        )
        yield reason(_KIND, "note", says)


def _would_run(theirs: RunSettings) -> str:
    started = _shown(theirs.entrypoint)
    return f"its own entrypoint is {started}, which would run the application's command"


def _command(move: Move, landing: Landing, theirs: RunSettings) -> Iterator[Reason]:
    """The application sets neither: its base is what runs."""
    now = move.application.scene
    were = now.settings.entrypoint, now.settings.command
    if (theirs.entrypoint, theirs.command) == were:
        return
    there = (*theirs.entrypoint, *theirs.command)
    was = _shown((*were[0], *were[1]))
    says = f"its command is {_shown(there)}" if there else "it has no command"
    says += f", the image runs {was}, and the application itself sets neither"
    ends = _ends_in(now)
    is_same = ends is not None and ends == _ends_in(landing)
    yield reason(_KIND, "note" if is_same else "unproven", says)


def _ends_in(scene: Scene) -> bytes | None:
    """The name of the program that the others hand over to."""
    stay = [step.word for step in scene.started.steps if step.stays and step.file is not None]
    return stay[-1].rpartition(b"/")[2] if stay else None


def _entrypoint(move: Move, landing: Landing, theirs: RunSettings) -> Iterator[Reason]:
    """The application's command stays, and what the old base puts before it does not."""
    ours = move.application.inside.settings
    if ours.entrypoint == theirs.entrypoint:
        return
    begins = text_of(ours.command[0]) if ours.command else ""
    if theirs.entrypoint and landing.settings.entrypoint:
        says = f"its own entrypoint is {_shown(theirs.entrypoint)}, which is given {begins or '-'}"
        yield reason(_KIND, "unproven", f"{says} as the application's command")
    elif theirs.entrypoint:
        yield reason(_KIND, "carry", _would_run(theirs), todo="ENTRYPOINT []")
    if not ours.entrypoint:
        return
    gone = f"the entrypoint {_shown(ours.entrypoint)} is the old base's and goes with it"
    if not landing.settings.entrypoint and not move.application.stands_alone:
        weight: Weight = "blocks" if move.application.own.is_certain else "unproven"
        says = f"{gone}: the application's command begins with {begins or 'nothing'}"
        yield reason(_KIND, weight, f"{says}, which is no program")
        return
    does = work_before(move.application.scene)
    if does is None:
        yield reason(_KIND, "unproven", f"{gone}: what it does could not be read")
    elif does:
        yield reason(_KIND, "unproven", f"{gone}, with what it does", evidence=listed(does))
    else:
        yield reason(_KIND, "note", f"{gone}: it only hands over to the command")


def _shown(words: Sequence[bytes]) -> str:
    return " ".join(text_of(word) for word in words)
