"""Calls of a RUN that leave a cache of downloads, and what keeps it out of the image."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.rules.clearing import CLEANING, removed_paths, removes
from lightship.rules.package_calls import called, subcommand

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.catalogue.download_caches import DownloadCache
    from lightship.dockerfile.build import Step
    from lightship.dockerfile.shell.script import Command, Word

_HOMES = re.compile(r"/root|/home/[^/]+")


class DownloadCall(Struct, frozen=True):
    """A call that downloads: the command, its subcommand's last word, and all its words."""

    command: Command
    program: Word
    verb: Word | None
    words: tuple[Word, ...]


def is_off(row: DownloadCache, step: Step) -> bool:
    """Whether a variable says that nothing is kept: of ENV, of ARG, or of the script."""
    if any(step.scope.environment.get(name) for name in row.variables):
        return True
    commands = step.script.commands if step.script is not None else ()
    for command in commands:
        texts = [*command.assignments]
        if command.name in ("export", "declare"):
            texts += [word.text for word in command.arguments]
        if any(text.partition("=")[0] in row.variables for text in texts):
            return True
    return False


def download_calls(row: DownloadCache, commands: Sequence[Command]) -> Iterator[DownloadCall]:
    """The calls that download and keep it, in order."""
    for command in commands:
        what = called(command)
        if not re.fullmatch(row.programs, what.program):
            continue
        texts = [word.text for word in what.words]
        if any(text.partition("=")[0] in row.silent for text in texts):
            continue
        program = command.words[len(command.words) - len(what.words) - 1]
        verb = subcommand(what, row.verbs, row.with_value)
        if verb is not None:
            yield DownloadCall(command, program, verb.last, what.words)


def is_kept_out(row: DownloadCache, step: Step) -> bool:
    """Whether a mount keeps the cache out of the layer."""
    targets = [mount.target or "" for mount in step.mounts if mount.kind in ("cache", "tmpfs")]
    if not targets:
        return False
    for place in row.places:
        known = _absolute(place, step)
        if known is not None and step.covered(known):
            return True
        tail = place.lstrip("~*")
        heads = [tail]
        while place.startswith("~") and tail.count("/") > 1:
            tail = tail.rpartition("/")[0]
            heads.append(tail)
        for target in targets:
            if any(target.endswith(head) for head in heads if head.startswith("/")):
                return True
            if place.startswith("~") and _HOMES.fullmatch(target):
                return True
    return any("$" in target for target in targets)


def _absolute(place: str, step: Step) -> str | None:
    if not place.startswith("$"):
        return place if place.startswith("/") else None
    name, slash, rest = place[1:].partition("/")
    value = step.scope.environment.get(name)
    return f"{value}{slash}{rest}" if value else None


def is_cleaned(row: DownloadCache, step: Step, calls: Sequence[DownloadCall]) -> bool:
    """Whether a command behind the last call removes the cache."""
    last = max(call.command.start for call in calls)
    tails = tuple(place[2:] for place in row.places if place.startswith("**"))
    places = [place for place in row.places if not place.startswith("**")]
    places += [known for place in places if (known := _absolute(place, step)) is not None]
    for command in step.script.commands if step.script is not None else ():
        if command.start <= last:
            continue
        what = called(command)
        texts = tuple(word.text for word in what.words if not word.text.startswith("-"))
        if re.fullmatch(row.programs, what.program) and any(
            texts[: len(clean.split())] == tuple(clean.split()) for clean in row.cleans
        ):
            return True
        if removes(command, places) or CLEANING.search(command.name):
            return True
        if tails and any(
            path.endswith(tails) or any(f"{tail}/" in path for tail in tails)
            for path in removed_paths(command)
        ):
            return True
    return False
