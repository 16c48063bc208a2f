r"""An archive is unpacked and stays in the image beside what was in it.

## Why it matters

The image holds the same files twice: packed and unpacked. Nothing reads the archive again.

## What to do

Remove it in the RUN that downloads it, or never store it:

```dockerfile
RUN curl -fsSLO https://example.org/tool.tar.gz \
    && tar -xzf tool.tar.gz -C /usr/local \
    && rm -f tool.tar.gz
```

An archive of the build context need not be copied at all: `ADD tool.tar.gz /usr/local/` unpacks it,
and `RUN --mount=type=bind,source=tool.tar.gz,target=/tmp/tool.tar.gz tar -xzf /tmp/tool.tar.gz`
only reads it.

## What it cannot see

Archives that scripts unpack. Where anything below names the archive again, it is left alone.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lightship.catalogue.patterns import ROOT_HOME
from lightship.dockerfile.copies import copy_of
from lightship.rules.archives import SUFFIX, unpackings
from lightship.rules.clean_up import cleaned_up
from lightship.rules.package_calls import text_of
from lightship.rules.smell import DockerfileRule, Fix, Saving, Smell
from lightship.rules.traces import takes, traces_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.dockerfile.build import Build, Step
    from lightship.rules.archives import Unpacking
    from lightship.rules.smell import Matter
    from lightship.rules.traces import Traces


_SERVED = re.compile(r"/(?:www|html|htdocs|static|public|assets|downloads?|dist|mirror)(?:/|\Z)")
_PLAIN = re.compile(r"[\w./+@:,=-]+")


def _check(matter: Matter) -> Iterator[Smell]:
    build = matter.build
    for stage in build.stages.all:
        if stage.index not in build.stages.shipped:
            continue
        left: dict[str, Step] = {}
        for step in build.of(stage):
            left |= dict.fromkeys(_copied(step), step)
            if step.script is None:
                continue
            traces = traces_of(step)
            downloaded = {one.path for one in traces.written if SUFFIX.search(one.path)}
            others: dict[int, list[Unpacking]] = {}
            for one in unpackings(step):
                if one.path is None or step.covered(one.path):
                    continue
                source = left.get(one.path)
                if one.path in downloaded:
                    yield from _in_one_run(build, step, one, traces)
                elif source is not None and not _is_told(traces, one.path, source):
                    others.setdefault(source.position, []).append(one)
            for position, several in others.items():
                yield _of_another(step, several, build.steps[position])
            left |= {one.path: step for one in traces.left() if SUFFIX.search(one.path)}


def _is_told(traces: Traces, path: str, source: Step) -> bool:
    """Whether it is another rule's matter: a later RUN removes what an earlier one wrote."""
    return source.keyword == "RUN" and _is_removed(traces, path)


def _copied(step: Step) -> Iterator[str]:
    """The archives that a COPY, or an ADD that does not unpack, puts there."""
    copy = copy_of(step)
    if copy is None or copy.path is None:
        return
    for source in copy.sources:
        name = posixpath.basename(source.rstrip("/"))
        unpacks = step.keyword == "ADD" and source not in copy.remote and not name.endswith(".zip")
        if SUFFIX.search(name) and not unpacks and source not in copy.remote:
            yield posixpath.join(copy.path, name) if copy.is_directory else copy.path


def _is_removed(traces: Traces, path: str) -> bool:
    return any(takes(one.path, path) for one in traces.removed)


def _in_one_run(build: Build, step: Step, one: Unpacking, traces: Traces) -> Iterator[Smell]:
    path, script = one.path, step.script
    if path is None or script is None or _is_removed(traces, path):
        return
    name = posixpath.basename(path)
    later = (text_of(other) for other in build.after(step))
    bare = one.word.text.rpartition("/")[2]
    if any(name in text or bare in text for text in later):
        return
    if any(
        bare in word.text and command.start > one.command.start
        for command in script.commands
        for word in command.words
        if word != one.word
    ):
        return
    made = step.fixed_reason or _fix(build, step, one)
    yield _smell(step, [one], f"{name} is unpacked and stays in the image.", made, step)


def _fix(build: Build, step: Step, one: Unpacking) -> Fix | str:
    body, script = step.body, step.script
    if one.command.within or body is None or script is None or one.path is None:
        return "it is unpacked inside of another command"
    raw = body.text[one.word.start : one.word.end]
    if _SERVED.search(one.path):
        return "it may be offered from there"
    if one.path.startswith("~") or not _PLAIN.fullmatch(one.path):
        return "its path may mean something else at the end"
    named = _named(raw, one)
    edits = cleaned_up(build, step, one.command, [f"rm -f {named}"])
    if isinstance(edits, str):
        return edits
    return Fix(title="remove the archive in the same RUN", tier="safe", edits=edits)


def _named(raw: str, one: Unpacking) -> str:
    """The archive from the root, with its variables, so that a new version is removed as well."""
    path = one.path or ""
    if one.word.text.startswith("/"):
        return raw
    if "$" in raw and "/" not in one.word.text:
        return f"{posixpath.dirname(path).rstrip('/')}/{raw}"
    return path


def _of_another(step: Step, several: Sequence[Unpacking], source: Step) -> Smell:
    name = posixpath.basename(several[0].path or "")
    more = f" and {len(several) - 1} more" if len(several) > 1 else ""
    verb = "downloaded" if source.keyword == "RUN" else "copied"
    stays = "stays" if len(several) == 1 else "stay"
    message = f"{name}{more}, unpacked here, {stays} in the layer of line {source.line}."
    return _smell(step, several, message, f"line {source.line} {verb} it", source)


def _smell(
    step: Step, several: Sequence[Unpacking], message: str, made: Fix | str, source: Step
) -> Smell:
    joined, command = step.body.joined if step.body is not None else None, several[0].command
    patterns = tuple(one.path.replace("~", ROOT_HOME, 1) for one in several if one.path is not None)
    copied = source.keyword != "RUN"
    return Smell(
        position=step.position,
        start=joined.source(command.start) if joined else None,
        end=joined.source_end(command.end) if joined else None,
        message=message,
        fix=made if isinstance(made, Fix) else None,
        unfixed=made if isinstance(made, str) else None,
        saving=Saving(kind="paths", positions=(source.position,), patterns=patterns),
        advice="Use ADD, which unpacks it, or a bind mount." if copied else None,
    )


RULE = DockerfileRule(
    name="archive-kept",
    title="Archives kept beside what was in them",
    severity="warning",
    confidence="certain",
    advice="Remove the archive in the RUN that downloads it.",
    page=__doc__,
    check=_check,
    codes=("DL3010",),
    fixes=("safe",),
)
