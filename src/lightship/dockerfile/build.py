"""What a Dockerfile says to build: its instructions with their stage and what holds for each."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from lightship.dockerfile.mounts import Mount, mounts_of
from lightship.dockerfile.parsing import parse
from lightship.dockerfile.pragmas import Pragmas, pragmas_of
from lightship.dockerfile.shell.parsing import available, script_of
from lightship.dockerfile.stages import Stage, Stages, stages_of
from lightship.dockerfile.tree import Dockerfile, Instruction, Joined
from lightship.dockerfile.variables import settings_of
from lightship.dockerfile.words import expand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lightship.dockerfile.shell.script import Script

DEFAULT_SHELL = ("/bin/sh", "-c")
_WINDOWS_SHELL = ("cmd", "/S", "/C")
_WINDOWS = re.compile(r"windows|nanoserver|dotnet/framework")
_POSIX = frozenset(("sh", "bash", "dash", "ash", "ksh", "zsh", "busybox"))


class Scope(Struct, frozen=True, kw_only=True):
    """What holds where an instruction runs, as far as the file says it.

    Attributes:
        shell: of SHELL.
        user: of USER, variables filled in; None if the file says nothing (the base decides).
        workdir: an absolute path; None if the file says nothing or uses unknown variables.
        environment: of ENV and, beneath it, ARG; None where a value is not known. The base's own
            variables are not in it.
    """

    shell: tuple[str, ...] = DEFAULT_SHELL
    user: str | None = None
    workdir: str | None = None
    environment: Mapping[str, str | None] = {}


class Body(Struct, frozen=True):
    """The shell text of a RUN and where its characters stand in the file."""

    joined: Joined

    @property
    def text(self) -> str:
        """What the shell reads."""
        return self.joined.text


class Step:
    """One instruction where it stands.

    Attributes:
        position: among the file's instructions, from 0.
        instruction: as read.
        stage: that it belongs to; None before the first FROM.
        scope: what holds for it.
    """

    def __init__(
        self,
        dockerfile: Dockerfile,
        position: int,
        instruction: Instruction,
        stage: Stage | None,
        scope: Scope,
    ) -> None:
        self._dockerfile = dockerfile
        self.position = position
        self.instruction = instruction
        self.stage = stage
        self.scope = scope

    @property
    def keyword(self) -> str:
        """In capitals."""
        return self.instruction.keyword

    @property
    def line(self) -> int:
        """The first line, from 1."""
        return self.instruction.line

    @cached_property
    def mounts(self) -> tuple[Mount, ...]:
        """What a RUN mounts."""
        return tuple(mounts_of(self.instruction))

    @cached_property
    def body(self) -> Body | None:
        """The shell text of a RUN in shell form; None for anything else and for other shells."""
        if self.keyword != "RUN" or self.instruction.json is not None or not self.is_posix:
            return None
        return _body(self._dockerfile.text, self.instruction)

    @cached_property
    def script(self) -> Script | None:
        """What the shell text of a RUN says; None where there is none.

        Where it does not parse it is an outline, whose `exact` is False.
        """
        return script_of(self.body.text) if self.body is not None else None

    @property
    def is_posix(self) -> bool:
        """Whether the shell is one whose words we know; not PowerShell, cmd, Python."""
        program = self.scope.shell[0] if self.scope.shell else ""
        return program.rpartition("/")[2].removesuffix(".exe").lower() in _POSIX

    def covered(self, path: str) -> bool:
        """Whether a cache or tmpfs mount keeps that absolute path out of the layer."""
        return any(mount.covers(path) for mount in self.mounts)

    @property
    def fixed_reason(self) -> str | None:
        """Why a RUN's text must not be edited; None if it may."""
        if self.instruction.json is not None:
            return "it is in JSON form"
        if not self.is_posix:
            return f"its shell is {' '.join(self.scope.shell)[:40]}"
        if self.instruction.heredocs:
            return "it is a here-document"
        if self.script is None or not self.script.exact:
            if available():
                return "its shell text does not parse"
            return "no shell parser is installed (tree-sitter with tree-sitter-bash)"
        return None


class Build:
    """A Dockerfile with everything that rules ask of it; parts are made when asked for.

    Attributes:
        dockerfile: the syntax tree.
        stages: its stages.
        steps: its instructions in order.
    """

    def __init__(self, dockerfile: Dockerfile) -> None:
        self.dockerfile = dockerfile
        self.stages: Stages = stages_of(dockerfile)
        self.steps: tuple[Step, ...] = tuple(_steps(dockerfile, self.stages))

    @classmethod
    def read(cls, data: bytes) -> Build:
        """Parse a file's bytes; never raises."""
        return cls(parse(data))

    @cached_property
    def pragmas(self) -> Pragmas:
        """What comments ask not to hear."""
        return pragmas_of(self.dockerfile)

    @cached_property
    def is_template(self) -> bool:
        """Whether another program makes a Dockerfile of it first."""
        return _TEMPLATE.search(self.dockerfile.text) is not None

    @cached_property
    def untouchable(self) -> str | None:
        """Why nothing in this file may be edited; None if it may."""
        # First, for what is no Dockerfile yet may look like a wrong one.
        return "it looks like a template" if self.is_template else _untouchable(self.dockerfile)

    def of(self, stage: Stage) -> tuple[Step, ...]:
        """The steps of a stage, FROM first."""
        return self.steps[stage.first : stage.last]

    def shipped(self) -> Iterator[Step]:
        """The steps of the last stage and of those below it, in order: what is in the image."""
        for stage in self.stages.all:
            if stage.index in self.stages.shipped:
                yield from self.of(stage)

    def runs(self, stage: Stage | None = None) -> Iterator[Step]:
        """The RUNs with a script, of one stage or of all."""
        for step in self.steps if stage is None else self.of(stage):
            if step.keyword == "RUN" and step.script is not None:
                yield step

    def is_shipped(self, step: Step) -> bool:
        """Whether what the step does ends up in the image."""
        return step.stage is not None and step.stage.index in self.stages.shipped

    def after(self, step: Step) -> Iterator[Step]:
        """The steps that see what this one left: the rest of its stage, and stages upon it."""
        if step.stage is None:
            return
        yield from self.steps[step.position + 1 : step.stage.last]
        for index in sorted(self.stages.upon(step.stage.index) - {step.stage.index}):
            yield from self.of(self.stages.all[index])


def _body(text: str, instruction: Instruction) -> Body:
    whole = instruction.joined
    start, end = instruction.value_start, instruction.value_end
    value = whole.text[start:end]
    heredocs = instruction.heredocs
    if len(heredocs) == 1 and re.fullmatch(r"[0-9]*<<-?\S+", value):
        only = heredocs[0]
        return Body(Joined(text[only.start : only.end], (0,), (only.start,)))
    kept = [
        (max(piece - start, 0), source + max(start - piece, 0))
        for piece, source, following in zip(
            whole.starts, whole.sources, (*whole.starts[1:], len(whole.text) + 1), strict=True
        )
        if following > start and piece < max(end, start + 1)
    ]
    if heredocs:
        kept.append((len(value) + 1, heredocs[0].start))
        value = f"{value}\n{text[heredocs[0].start : heredocs[-1].terminator_end]}"
    return Body(Joined(value, tuple(at for at, _ in kept), tuple(source for _, source in kept)))


def _steps(dockerfile: Dockerfile, stages: Stages) -> Iterator[Step]:
    ends: list[Scope] = []
    scope = Scope()
    stage: Stage | None = None
    starts = {one.first: one for one in stages.all}
    for position, instruction in enumerate(dockerfile.instructions):
        if position in starts:
            if stage is not None:
                ends.append(scope)
            stage = starts[position]
            inherited = ends[stage.base_stage] if stage.base_stage is not None else _fresh(stage)
            scope = structs.replace(inherited, environment=_without_arguments(inherited))
        yield Step(dockerfile, position, instruction, stage, scope)
        if stage is not None:
            scope = _after(scope, instruction, stages.arguments, dockerfile.escape)


def _fresh(stage: Stage) -> Scope:
    """What holds in a stage upon an image, as far as its name tells."""
    name = (stage.base_name or stage.base).lower()
    return Scope(shell=_WINDOWS_SHELL) if _WINDOWS.search(name) else Scope()


class _Argument(str):
    """The value of an ARG: it ends with its stage, and ENV comes before it."""

    __slots__ = ()


def _without_arguments(scope: Scope) -> dict[str, str | None]:
    return {
        name: value
        for name, value in scope.environment.items()
        if value is not None and not isinstance(value, _Argument)
    }


def _after(
    scope: Scope, instruction: Instruction, globals_: Mapping[str, str | None], escape: str
) -> Scope:
    """What holds after an instruction."""
    keyword, known = instruction.keyword, scope.environment
    if keyword == "SHELL" and instruction.json:
        return structs.replace(scope, shell=instruction.json)
    if keyword == "USER":
        return structs.replace(scope, user=expand(instruction.value, known))
    if keyword == "WORKDIR":
        return structs.replace(scope, workdir=_workdir(scope.workdir, instruction.value, known))
    if keyword not in ("ENV", "ARG"):
        return scope
    changed = dict(known)
    for setting in settings_of(instruction, escape) or ():
        name, value = setting.name, setting.value
        if keyword == "ENV":
            # All values of one ENV are expanded with what held before it.
            changed[name] = expand(value or "", known)
        elif name not in known or isinstance(known[name], _Argument):
            given = globals_.get(name) if value is None else expand(value, changed)
            changed[name] = None if given is None else _Argument(given)
    return structs.replace(scope, environment=changed)


def _workdir(before: str | None, value: str, known: Mapping[str, str | None]) -> str | None:
    path = expand(value.strip("\"'"), known)
    if not path:
        return None
    if path.startswith("/"):
        return path.rstrip("/") or "/"
    return None if before is None else f"{before.rstrip('/')}/{path.rstrip('/')}"


_TEMPLATE = re.compile(r"\{\{|\{%|<%|%%[A-Z_]+%%")
_OUR_FRONTENDS = re.compile(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?(?:[:@].*)?\Z")


def _untouchable(dockerfile: Dockerfile) -> str | None:
    if dockerfile.problems:
        problem = dockerfile.problems[0]
        return f"line {problem.line}: {problem.message}"
    if dockerfile.escape != "\\":
        return "its escape character is a backtick"
    syntax = dockerfile.directives.get("syntax")
    if syntax is not None and not _OUR_FRONTENDS.match(syntax):
        return f"its syntax is {syntax[:60]}, not Docker's own"
    return None
