"""`apk add --no-cache`, and no `apk update`, which it makes needless."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.catalogue.package_managers import APK
from lightship.dockerfile.editing import inserted, without
from lightship.model.edit import Edit
from lightship.rules.list_uses import calls_in_text, script_of_unknown
from lightship.rules.smell import Fix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.dockerfile.build import Build, Step
    from lightship.rules.list_uses import ListUse
    from lightship.rules.package_calls import PackageCall

_NEEDS_NONE = APK.removes | {"cache"}
# The option came with Alpine 3.3.
_OLD_ALPINE = re.compile(r"(?:.*/)?alpine:(?:edge-)?(?:2\.\d+|3\.[0-2])(?:\.\d+)?")


def without_cache(
    build: Build, step: Step, calls: Sequence[PackageCall], use: ListUse | None
) -> Fix | str:
    """Add packages without a cache.

    Args:
        build: the file.
        step: a RUN with a script.
        calls: of apk in it.
        use: how a later instruction uses the lists; then no `apk update` is taken out.

    Returns:
        The fix; or why there is none, in a few words.
    """
    body, script, stage = step.body, step.script, step.stage
    if body is None or script is None:
        return "its shell text does not parse"
    if stage is not None and _OLD_ALPINE.fullmatch(stage.base_name or ""):
        return "the apk of this release has no --no-cache"
    edits: list[Edit] = [
        inserted(body.joined, call.verb.end, f" {APK.flag}")
        for call in calls
        if call.installs and not call.has(APK.flag)
    ]
    if use is None and not _may_read_lists(step, calls):
        updates = [call for call in calls if call.updates]
        whole = left_out(build, step, updates)
        if whole is not None:
            return whole
        edits += _without_updates(build, step, updates)
    if not edits:
        return use.reason if use is not None else "apk update is part of a longer command"
    return Fix(title="add packages with --no-cache", tier="safe", edits=tuple(edits))


def left_out(build: Build, step: Step, updates: Sequence[PackageCall]) -> Fix | None:
    """Leave out a RUN that does nothing but update lists that nothing reads; None for another."""
    script = step.script
    if (
        script is None
        or not updates
        or len(script.statements) != len(updates)
        or any(one.kind != "command" for one in script.statements)
        or not all(map(_only_updates, updates))
    ):
        return None
    title = f"leave out {updates[0].program} {updates[0].verb.text[:40]}"
    edits = without(build.dockerfile, step.instruction)
    return Fix(title=title, tier="safe", edits=edits, leaves=0)


def _without_updates(build: Build, step: Step, updates: Sequence[PackageCall]) -> Iterator[Edit]:
    """Take `apk update &&` out where it is a command of its own."""
    body, script, text = step.body, step.script, build.dockerfile.text
    if body is None or script is None:
        return
    for call in updates:
        index = call.command.statement
        one = script.statements[index]
        before = script.statements[index - 1].operator if index else ";"
        # Of `a && apk update; b` would be left `a && b`.
        joins = before in ("&&", ";") and one.operator in ("&&", ";")
        joins = joins and (before == ";" or one.operator == "&&")
        if (
            not joins
            or one.kind != "command"
            or not _only_updates(call)
            or index + 1 >= len(script.statements)
        ):
            continue
        start = body.joined.source(one.start)
        end = body.joined.source(script.statements[index + 1].start)
        if not any(start < span.start < end for span in step.instruction.comments):
            yield Edit(start, end, "")
            continue
        for low, high in ((one.start, one.end), (one.operator_start, one.operator_end)):
            place = body.joined.source_end(high)
            yield Edit(body.joined.source(low), place + (text[place] in " \t"), "")


def _may_read_lists(step: Step, calls: Sequence[PackageCall]) -> bool:
    """Whether the RUN may ask the lists themselves: `apk search`, or a script that does."""
    known = all(call.installs or call.updates or call.verb.text in _NEEDS_NONE for call in calls)
    return (
        not known or script_of_unknown(step) is not None or calls_in_text(step, APK) != len(calls)
    )


def _only_updates(call: PackageCall) -> bool:
    """Whether it writes nothing else: its output goes nowhere."""
    return all(
        one.target is None or one.operator == ">&" or one.target.text == "/dev/null"
        for one in call.command.redirects
    )
