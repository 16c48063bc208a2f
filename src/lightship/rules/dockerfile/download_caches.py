"""The rows of catalogue/download_caches.toml as rules: caches that installers leave behind."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.download_caches import download_caches, page
from lightship.catalogue.removable import pattern_texts
from lightship.dockerfile.editing import inserted
from lightship.rules.clean_up import cleaned_up
from lightship.rules.clearing import CLEANING, removed_paths, removes
from lightship.rules.package_calls import called, subcommand, text_of
from lightship.rules.smell import DockerfileRule, Fix, Saving, Smell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.catalogue.download_caches import DownloadCache
    from lightship.dockerfile.build import Build, Step
    from lightship.dockerfile.shell.script import Command, Word
    from lightship.rules.smell import Matter, Tier

_OFFLINE = re.compile(r"--(?:prefer-)?offline\b|--no-index\b")
_HOMES = re.compile(r"/root|/home/[^/]+")
_SAME_USER = frozenset(("-E", "-n", "-S", "--preserve-env"))
_ROOT = ("0", "root")
_MOST_STEPS = 500
_STARTS = frozenset(("CMD", "ENTRYPOINT", "HEALTHCHECK"))


class _Call(Struct, frozen=True):
    """A call that downloads: the command, its subcommand's last word, and all its words."""

    command: Command
    program: Word
    verb: Word | None
    words: tuple[Word, ...]


def _check(row: DownloadCache, matter: Matter) -> Iterator[Smell]:
    build = matter.build
    name = re.compile(row.programs)
    changed: set[int] = set()
    settings = re.compile(row.settings) if row.settings else None
    for step in build.steps:
        stage = step.stage
        if stage is None:
            continue
        text = text_of(step)
        if step.keyword == "FROM" and stage.base_stage in changed:
            changed.add(stage.index)
        if settings is not None and settings.search(text):
            changed.add(stage.index)
        if stage.index in changed or not build.is_shipped(step) or step.script is None:
            continue
        if name.search(text) is None or _is_off(row, step):
            continue
        calls = list(_calls(row, name, step.script.commands))
        if calls and not _is_kept_out(row, step) and not _cleaned(row, name, step, calls):
            smell = _smell(row, name, build, step, calls)
            if smell is not None:
                yield smell


def _is_off(row: DownloadCache, step: Step) -> bool:
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


def _calls(
    row: DownloadCache, name: re.Pattern[str], commands: Sequence[Command]
) -> Iterator[_Call]:
    for command in commands:
        what = called(command)
        if not name.fullmatch(what.program):
            continue
        texts = [word.text for word in what.words]
        if any(text.partition("=")[0] in row.silent for text in texts):
            continue
        program = command.words[len(command.words) - len(what.words) - 1]
        verb = subcommand(what, row.verbs, row.with_value)
        if verb is not None:
            yield _Call(command, program, verb.last, what.words)


def _is_kept_out(row: DownloadCache, step: Step) -> bool:
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


def _cleaned(row: DownloadCache, name: re.Pattern[str], step: Step, calls: Sequence[_Call]) -> bool:
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
        if name.fullmatch(what.program) and any(
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


def _smell(
    row: DownloadCache, name: re.Pattern[str], build: Build, step: Step, calls: Sequence[_Call]
) -> Smell | None:
    later = _later(row, name, build, step)
    if later == "":
        return None
    made = step.fixed_reason or later or _fix(row, build, step, calls)
    first = calls[0].command
    joined = step.body.joined if step.body is not None else None
    return Smell(
        position=step.position,
        start=joined.source(first.start) if joined else None,
        end=joined.source_end(first.end) if joined else None,
        message=row.says,
        fix=made if isinstance(made, Fix) else None,
        unfixed=made if isinstance(made, str) else None,
        saving=Saving(
            kind="paths",
            positions=(step.position,),
            patterns=pattern_texts(row.removable),
            estimate=row.removable,
        ),
    )


def _later(row: DownloadCache, name: re.Pattern[str], build: Build, step: Step) -> str | None:
    """Why the cache has to stay; empty where the container runs from it; None if it may go."""
    for number, later in enumerate(build.after(step)):
        if number >= _MOST_STEPS:
            return "too many instructions follow"
        text = text_of(later)
        words = re.split(r"[\s\"',\[\]/]+", text) if later.keyword in _STARTS else ()
        if row.tier == "unsafe" and any(name.fullmatch(word) for word in words):
            return ""
        if row.tier == "unsafe" and later.keyword == "RUN" and _calls_again(row, name, later):
            return f"line {later.line} uses it again"
        if later.keyword == "RUN" and name.search(text) and _OFFLINE.search(text):
            return f"line {later.line} works offline"
    return None


def _calls_again(row: DownloadCache, name: re.Pattern[str], step: Step) -> bool:
    commands = step.script.commands if step.script is not None else ()
    return any(True for _ in _calls(row, name, commands))


def _fix(row: DownloadCache, build: Build, step: Step, calls: Sequence[_Call]) -> Fix | str:
    body = step.body
    if body is None:
        return "its shell text does not parse"
    safe = row.tier == "safe" and all(_is_sure(row, call) for call in calls)
    if row.flag:
        edits = tuple(
            inserted(body.joined, call.verb.end, f" {row.flag}")
            for call in calls
            if call.verb is not None
        )
        return Fix(title=f"add {row.flag}", tier=row.tier, edits=edits)
    last = max(calls, key=lambda call: call.command.start)
    words = last.command.words
    starters = [word.text for word in words[: words.index(last.program)]]
    first = starters[0] if starters else ""
    if first not in ("", "sudo", "env", "xargs"):
        return f"it is called through {first[:40]}"
    if first == "sudo" and any(text[0:1] == "-" and text not in _SAME_USER for text in starters):
        return "it runs as another user"
    if row.as_root and first != "sudo" and (step.scope.user or "0").split(":")[0] not in _ROOT:
        return "it does not run as root"
    if any(text.startswith("HOME=") for text in (*last.command.assignments, *starters)):
        return "it runs with another home"
    sudo = "sudo " if first == "sudo" else ""
    program = body.text[last.program.start : last.program.end]
    commands = [sudo + one.replace("{program}", program) for one in row.clean_up]
    made = cleaned_up(build, step, last.command, commands)
    if isinstance(made, str):
        return made
    return Fix(
        title="remove the cache in the same RUN",
        tier="safe" if safe else "unsafe",
        edits=made,
        notes=() if safe else row.notes,
    )


def _is_sure(row: DownloadCache, call: _Call) -> bool:
    return not row.sure or any(word.text.partition("=")[0] in row.sure for word in call.words)


def _rule(row: DownloadCache) -> DockerfileRule:
    tiers: tuple[Tier, ...] = ("safe", "unsafe") if row.sure else (row.tier,)
    return DockerfileRule(
        name=row.name,
        title=row.title,
        severity=row.severity,
        confidence=row.confidence,
        advice=row.advice,
        page=page(row),
        check=partial(_check, row),
        codes=row.codes,
        fixes=tiers,
    )


RULES = tuple(_rule(row) for row in download_caches())
