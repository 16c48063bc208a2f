"""The rows of catalogue/download_caches.toml as rules: caches that installers leave behind."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from lightship.catalogue.download_caches import download_caches, page
from lightship.catalogue.removable import pattern_texts
from lightship.dockerfile.editing import inserted
from lightship.rules.clean_up import cleaned_up
from lightship.rules.download_calls import download_calls, is_cleaned, is_kept_out, is_off
from lightship.rules.package_calls import text_of
from lightship.rules.smell import DockerfileRule, Fix, Saving, Smell
from lightship.rules.still_there import called_sometimes, may_be_gone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.catalogue.download_caches import DownloadCache
    from lightship.dockerfile.build import Build, Step
    from lightship.rules.download_calls import DownloadCall
    from lightship.rules.smell import Matter, Tier

_OFFLINE = re.compile(r"--(?:prefer-)?offline\b|--no-index\b")
_ONLY_CACHED = re.compile(r"--(?:prefer-)?offline\b")
_ONLY_RM = re.compile(r"rm -(?!.*\$\().*")
_SAME_USER = frozenset(("-E", "-n", "-S", "--preserve-env"))
_ROOT = ("0", "root")
_BROUGHT = re.compile(r"/\.(?:cache|npm|composer|m2|gradle|cargo)\b")
_MOST_STEPS = 500
_STARTS = frozenset(("CMD", "ENTRYPOINT", "HEALTHCHECK"))


def _check(row: DownloadCache, matter: Matter) -> Iterator[Smell]:
    build = matter.build
    changed: set[int] = set()
    settings = re.compile(row.settings) if row.settings else None
    for step in build.steps:
        stage = step.stage
        if stage is None:
            continue
        text = text_of(step)
        if step.keyword == "FROM" and stage.base_stage in changed:
            changed.add(stage.index)
        # With a cache that was copied, for what was compiled elsewhere, it has to be read.
        brought = step.keyword in ("COPY", "ADD") and _BROUGHT.search(text)
        if brought or (settings is not None and settings.search(text)):
            changed.add(stage.index)
        if stage.index in changed or not build.is_shipped(step) or step.script is None:
            continue
        if re.search(row.programs, text) is None or is_off(row, step):
            continue
        calls = list(download_calls(row, step.script.commands))
        if calls and not is_kept_out(row, step) and not is_cleaned(row, step, calls):
            smell = _smell(row, build, step, calls)
            if smell is not None:
                yield smell


def _smell(
    row: DownloadCache,
    build: Build,
    step: Step,
    calls: Sequence[DownloadCall],
) -> Smell | None:
    later = _later(row, build, step)
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
            patterns=tuple(
                pattern for name in (row.removable, *row.also) for pattern in pattern_texts(name)
            ),
            estimate=row.removable,
        ),
    )


def _later(row: DownloadCache, build: Build, step: Step) -> str | None:
    """Why the cache has to stay; empty where the container runs from it; None if it may go."""
    named = [place.lstrip("~") for place in row.places if place.startswith(("~/", "/"))]
    for number, later in enumerate(build.after(step)):
        if number >= _MOST_STEPS:
            return "too many instructions follow"
        text = text_of(later)
        words = re.split(r"[\s\"',\[\]/]+", text) if later.keyword in _STARTS else ()
        if row.tier == "unsafe" and any(re.fullmatch(row.programs, word) for word in words):
            return ""
        if later.keyword in _STARTS and any(place in text for place in named):
            return f"line {later.line} names it"
        if row.tier == "unsafe" and later.keyword == "RUN" and _calls_again(row, later):
            return f"line {later.line} uses it again"
        if later.keyword == "RUN" and re.search(row.programs, text) and _OFFLINE.search(text):
            return f"line {later.line} works offline"
    return None


def _calls_again(row: DownloadCache, step: Step) -> bool:
    commands = step.script.commands if step.script is not None else ()
    return any(True for _ in download_calls(row, commands))


def _fix(row: DownloadCache, build: Build, step: Step, calls: Sequence[DownloadCall]) -> Fix | str:
    body = step.body
    if body is None:
        return "its shell text does not parse"
    safe = row.tier == "safe" and all(_is_sure(row, call) for call in calls)
    if row.flag:
        if _ONLY_CACHED.search(text_of(step)):
            return "it works offline as well"
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
    soon = False
    if step.script is not None and not all(map(_ONLY_RM.fullmatch, row.clean_up)):
        reason = called_sometimes(step.script, last.command, program)
        if reason is not None:
            return reason
        soon = may_be_gone(step.script, last.command, program)
    made = cleaned_up(build, step, last.command, commands, soon=soon)
    if isinstance(made, str):
        return made
    return Fix(
        title="remove the cache in the same RUN",
        tier="safe" if safe else "unsafe",
        edits=made,
        notes=() if safe else row.notes,
    )


def _is_sure(row: DownloadCache, call: DownloadCall) -> bool:
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
