"""RUNs that change owner or mode of what a COPY wrote, and how COPY can do it itself."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.copies import copy_of
from lightship.dockerfile.editing import removed, without
from lightship.dockerfile.image_name import image_name
from lightship.model.edit import Edit
from lightship.rules.smell import Fix
from lightship.rules.traces import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.build import Build, Step
    from lightship.dockerfile.shell.script import Command, Word
    from lightship.dockerfile.tree import Joined

_OWNER = re.compile(r"([\w.-]*|\$\{?\w+\}?)(?:(:)([\w.-]*|\$\{?\w+\}?))?")
_OCTAL = re.compile(r"0?[0-7]{3,4}")
_VARIABLE = re.compile(r"\$\{?(\w+)")
# Folders that a base image fills, or that are shared with the system.
_FILLED = re.compile(
    r"/(?:bin|boot|dev|etc|home|lib\d*|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)?"
    r"|/(?:bin|boot|dev|etc|lib\d*|proc|root|run|sbin|sys|usr/(?!src/)|var/(?!www/|app/|task))(?:/.*|\Z)"
    r"|/usr/src|/usr/local(?:/.*)?|/var/www|/var/www/html|/home/\w+"
)
_METADATA = frozenset(("LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL"))
# Official images without files outside the folders above.
_PLAIN_BASES = frozenset(
    (
        *("scratch", "debian", "ubuntu", "alpine", "fedora", "centos", "rockylinux", "almalinux"),
        *("amazonlinux", "oraclelinux", "archlinux", "busybox", "buildpack-deps", "python", "node"),
        *("golang", "ruby", "rust", "php", "perl", "gcc", "openjdk", "eclipse-temurin", "maven"),
        *("amazoncorretto", "gradle", "nginx", "httpd", "erlang", "elixir", "haskell", "swift"),
    )
)
_ATTRIBUTES = frozenset(("chown", "chgrp", "chmod"))
_BUILDKIT_FLAGS = frozenset(("mount", "link", "chmod", "network", "security", "parents", "exclude"))


class Owned(Struct, frozen=True):
    """A command that changes owner or mode of copied files.

    Attributes:
        step: the RUN.
        command: in it; `joined` says where.
        copies: the COPYs whose files it changes, in order.
        made: the fix; or why there is none.
    """

    step: Step
    command: Command
    joined: Joined
    copies: tuple[Step, ...]
    made: Fix | str


class _Call(Struct, frozen=True):
    """`chown -R app:app /app`, taken apart."""

    command: Command
    recursive: tuple[Word, ...]
    what: Word
    path: str


def owned_copies(build: Build) -> Iterator[Owned]:
    """Each first `chown`, `chgrp` or `chmod` of a RUN on what COPYs right before it wrote."""
    for step in build.runs():
        if not build.is_shipped(step) or step.script is None or step.body is None:
            continue
        copies = _copies_before(build, step)
        if not copies:
            continue
        for command in step.script.commands:
            call = _call(step, command)
            mine = [one for one in copies if call and _writes_into(one, call.path)]
            if call is not None and mine and _is_worth_it(call, mine):
                made = step.fixed_reason or _fix(build, step, call, mine)
                yield Owned(step, command, step.body.joined, tuple(mine), made)
                break


def _copies_before(build: Build, step: Step) -> list[Step]:
    """The COPYs and ADDs above a RUN with nothing but each other and metadata between."""
    found: list[Step] = []
    if step.stage is None:
        return found
    for other in reversed(build.steps[step.stage.first : step.position]):
        if other.keyword in ("COPY", "ADD"):
            found.append(other)
        elif other.keyword not in _METADATA:
            break
    return found[::-1]


def _call(step: Step, command: Command) -> _Call | None:
    if command.name not in _ATTRIBUTES or command.within:
        return None
    operands = command.operands()
    if len(operands) != 2 or any(word.text.startswith("--") for word in command.arguments):
        return None
    recursive = tuple(word for word in command.arguments if word.text in ("-R", "-Rf", "-fR"))
    path = absolute(step, step.scope.workdir, operands[1].text)
    if path is None or "*" in path or _moves(step, command):
        return None
    return _Call(command, recursive, operands[0], path)


def _moves(step: Step, command: Command) -> bool:
    commands = step.script.commands if step.script is not None else ()
    return any(one.name == "cd" and one.start < command.start for one in commands)


def _writes_into(step: Step, path: str) -> bool:
    copy = copy_of(step)
    if copy is None or copy.path is None:
        return False
    return copy.path == path or copy.path.startswith(path.rstrip("/") + "/") or _file(step) == path


def _file(step: Step) -> str | None:
    """The path of a single file that is copied into a folder, as far as the names tell."""
    copy = copy_of(step)
    if copy is None or copy.path is None or len(copy.sources) != 1 or not copy.is_directory:
        return None
    return posixpath.join(copy.path, posixpath.basename(copy.sources[0].rstrip("/")))


def _is_worth_it(call: _Call, copies: list[Step]) -> bool:
    """Not one script that becomes executable, nor a folder without what is in it."""
    if call.recursive:
        return True
    copy = copy_of(copies[0])
    single = copy is not None and len(copy.sources) == 1 and "*" not in copy.sources[0]
    name = posixpath.basename(copy.sources[0]) if copy is not None else ""
    is_file = "." in name.strip(".") and not name.endswith((".sh", ".py", ".conf"))
    return single and is_file and _OCTAL.fullmatch(call.what.text.lstrip("0") or "0") is not None


def _fix(build: Build, step: Step, call: _Call, copies: list[Step]) -> Fix | str:
    flag = _flag(step, call)
    if flag is None:
        return f"{call.what.text[:40]} depends on each file or on a file of the image"
    name = flag.partition("=")[0][2:]
    for copy in copies:
        reason = _hindered(copy, call, name)
        if reason is not None:
            return reason
    if _FILLED.fullmatch(call.path) and call.recursive:
        return "the base image may have other files there"
    reason = _does_more(step, call) or _written_before(build, copies[0], call)
    if reason is not None:
        return reason
    edits = [_flagged(copy, flag) for copy in copies]
    edits += _rest(build, step, call)
    notes = []
    if name == "chmod" and not _has_buildkit(build):
        notes.append("Builders other than BuildKit do not know --chmod.")
    if call.recursive and not _has_known_base(copies[0]):
        notes.append(f"The base image must have no other files in {call.path}.")
    return Fix(
        title=f"let COPY set the {'owner' if name == 'chown' else 'mode'}",
        tier="unsafe" if notes else "safe",
        edits=tuple(edits),
        leaves=len(copies) + (not _is_whole(step, call)),
        notes=tuple(notes),
    )


def _flag(step: Step, call: _Call) -> str | None:
    """What COPY has to be told; owners as the command would leave them on new files of root's."""
    text = call.what.text
    if any(name not in step.scope.environment for name in _VARIABLE.findall(text)):
        return None
    if call.command.name == "chmod":
        return f"--chmod={text}" if _OCTAL.fullmatch(text) else None
    if call.command.name == "chgrp":
        return f"--chown=0:{text}" if _OWNER.fullmatch(text) and ":" not in text else None
    owner = _OWNER.fullmatch(text)
    if owner is None or "." in text or (owner[2] and not owner[3]):
        return None
    return f"--chown={owner[1] or '0'}:{owner[3] or '0'}"


def _hindered(copy: Step, call: _Call, name: str) -> str | None:
    if copy.keyword != "COPY":
        return "ADD does not set the owner of what it unpacks"
    if copy.instruction.flag(name) is not None:
        return f"COPY has its own --{name}"
    if copy.instruction.flag("link") is not None:
        return "COPY --link knows no users"
    if copy.instruction.heredocs:
        return "it is a here-document"
    path = getattr(copy_of(copy), "path", None) or ""
    if name == "chmod" and path != call.path and _file(copy) != call.path:
        return "folders between would keep their mode"
    if path != call.path and posixpath.dirname(path) != call.path and _file(copy) != call.path:
        return "folders between would keep their owner"
    return None


def _does_more(step: Step, call: _Call) -> str | None:
    commands = step.script.commands if step.script is not None else ()
    if any(one.name not in _ATTRIBUTES for one in commands):
        return "the RUN does more than that"
    if not call.recursive and not _is_whole(step, call):
        return "the RUN does more than that"
    return None


def _has_known_base(step: Step) -> bool:
    """Whether the stage stands on an image that fills no folders of its own."""
    base = step.stage.base_name if step.stage is not None else None
    return base is not None and image_name(base).repository in _PLAIN_BASES


def _written_before(build: Build, copy: Step, call: _Call) -> str | None:
    """Whether something else may be below the path that the command is about."""
    if copy.stage is None or not call.recursive:
        return None
    below = call.path.rstrip("/") + "/"
    for other in build.steps[copy.stage.first + 1 : copy.position]:
        into = copy_of(other)
        if into is not None and (into.path is None or f"{into.path}/".startswith(below)):
            return f"line {other.line} writes there as well"
        if other.keyword == "VOLUME" and call.path in other.instruction.value:
            return f"line {other.line} makes it a volume, of which a builder may forget changes"
        if other.keyword == "RUN":
            folder = other.scope.workdir
            text = other.body.text if other.body is not None else other.instruction.value
            # Where the file does not say it, it is the base's: see `_has_known_base`.
            inside = folder is not None and f"{folder}/".startswith(below)
            if inside or call.path in text or _named(other, text, call.path):
                return f"line {other.line} may write there as well"
        if other.keyword == "ADD" and into is None:
            return f"line {other.line} may write there as well"
    if copy.stage.base_stage is not None:
        return "the stage below may have other files there"
    return None


def _named(step: Step, text: str, path: str) -> bool:
    """Whether a text has a variable whose value leads to a path."""
    known = step.scope.environment
    return any(
        (value := known.get(name, path)) is None or path in value or f"{path}/".startswith(value)
        for name in _VARIABLE.findall(text)
        if name in known
    )


def _flagged(copy: Step, flag: str) -> Edit:
    instruction = copy.instruction
    place = instruction.joined.source_end(instruction.keyword_end)
    return Edit(place, place, f" {flag}")


def _is_whole(step: Step, call: _Call) -> bool:
    """Whether the RUN does nothing else and nothing is left to do for it."""
    alone = step.script is not None and len(step.script.statements) == 1
    return alone and not call.recursive


def _rest(build: Build, step: Step, call: _Call) -> list[Edit]:
    """The command without `-R`, for the folder itself; without the file's command at all."""
    body = step.body
    if body is None:
        return []
    if _is_whole(step, call):
        return list(without(build.dockerfile, step.instruction))
    edits: list[Edit] = []
    for word in call.recursive:
        end = word.end + (body.text[word.end : word.end + 1] == " ")
        edits += removed(build.dockerfile, body.joined, word.start, end)
    return edits


def _has_buildkit(build: Build) -> bool:
    """Whether the file needs BuildKit already."""
    if "syntax" in build.dockerfile.directives:
        return True
    return any(
        step.instruction.heredocs
        or any(flag.name in _BUILDKIT_FLAGS for flag in step.instruction.flags)
        for step in build.steps
    )
