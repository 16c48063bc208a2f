"""The one stage of a Dockerfile, read for what it builds, where, and what it starts."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.builder_images import BuilderImage, builder_images
from lightship.dockerfile.image_name import image_name
from lightship.dockerfile.variables import settings_of
from lightship.dockerfile.words import expand
from lightship.rules.ignoring import ignored_by
from lightship.rules.multistage.launching import launch_of
from lightship.rules.multistage.plan import CannotTell
from lightship.rules.multistage.sources import Sources, sources_of
from lightship.rules.multistage.start_scripts import with_scripts
from lightship.rules.multistage.systems import system_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from lightship.dockerfile.build import Build, Step
    from lightship.dockerfile.image_name import ImageName
    from lightship.dockerfile.shell.script import Command, Word
    from lightship.dockerfile.stages import Stage
    from lightship.rules.multistage.launching import Launch
    from lightship.rules.multistage.systems import System
    from lightship.rules.smell import Matter

USUAL_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


class Ran(Struct, frozen=True):
    """One command of a RUN.

    Attributes:
        step: the RUN.
        command: as read.
        directory: where it runs; None where that is not clear.
        known: variables with their values at that place.
    """

    step: Step
    command: Command
    directory: str | None
    known: Mapping[str, str | None]

    @property
    def name(self) -> str:
        """Of the program."""
        return self.command.name

    def text(self, word: Word) -> str | None:
        """What the program gets for a word; None where that is not known."""
        if word.literal:
            return word.text
        if any(char in word.text for char in "`*?[~") or "$(" in word.text or "{," in word.text:
            return None
        for name in _names(word.text):
            if self.known.get(name) is None:
                return None
        return expand(word.text, self.known)

    def path(self, word: Word) -> str | None:
        """The absolute path that a word means; None where that is not known."""
        text = self.text(word)
        return self.path_text(text) if text is not None else None

    def path_text(self, text: str) -> str | None:
        """The absolute path that a text means; None where the directory is not known."""
        if self.directory is None and not text.startswith("/"):
            return None
        return at(self.directory or "/", text)

    def option(self, *names: str) -> Word | None:
        """The value of an option, of the last if there are several: `-o x`, `-ox`, `--out=x`."""
        found = None
        arguments = self.command.arguments
        for index, word in enumerate(arguments):
            for name in names:
                if word.text == name and index + 1 < len(arguments):
                    found = arguments[index + 1]
                elif word.text.startswith(f"{name}="):
                    found = _cut(word, len(name) + 1)
                elif len(name) == 2 and word.text.startswith(name) and word.text != name:
                    found = _cut(word, 2)
        return found


def _cut(word: Word, size: int) -> Word:
    return type(word)(word.text[size:], word.literal, word.start, word.end)


_VARIABLE = re.compile(r"\$\{?(\w*)")


def _names(text: str) -> list[str]:
    """The variables in a word; empty for a `$` that begins something else."""
    return _VARIABLE.findall(text)


def at(directory: str, path: str) -> str:
    """A path from a directory on, without dots; absolute."""
    found = posixpath.normpath(posixpath.join(directory, path))
    return "/" + found.lstrip("/")


class Single:
    """A Dockerfile with one stage.

    Attributes:
        matter: the file as the rule sees it.
        build, stage, steps: read; `steps` are those of the stage, FROM first.
    """

    def __init__(self, matter: Matter) -> None:
        self.matter = matter
        self.build: Build = matter.build
        self.stage: Stage = matter.build.stages.all[0]
        self.steps: tuple[Step, ...] = matter.build.of(self.stage)

    @cached_property
    def image(self) -> ImageName:
        """The builder's image."""
        return image_name(self.stage.base_name or self.stage.base)

    @property
    def image_text(self) -> str:
        """The builder's image as written."""
        return self.stage.base

    @cached_property
    def system(self) -> System | None:
        """Its distribution; None where nobody can say, also where a build argument decides."""
        return None if "$" in self.stage.base else system_of(self.image)

    @property
    def builder(self) -> BuilderImage | None:
        """What the catalogue knows of the builder's image."""
        return builder_images().get(self.image.repository)

    @cached_property
    def arguments(self) -> frozenset[str]:
        """Names of ARG: whoever builds may give other values."""
        return frozenset(
            setting.name
            for step in self.build.steps
            if step.keyword == "ARG"
            for setting in settings_of(step.instruction, self.build.dockerfile.escape) or ()
        )

    def known(self, step: Step) -> dict[str, str | None]:
        """Variables at a step: ENV's and the base's; None for an argument of the build."""
        base = self.builder.environment if self.builder is not None else {}
        known: dict[str, str | None] = dict(base)
        known.update(step.scope.environment)
        for name in self.arguments:
            known[name] = None
        return known

    def filled(self, step: Step, text: str) -> str | None:
        """A word with its variables filled in; None if nobody can say what one of them is."""
        known = self.known(step)
        if any(known.get(name) is None for name in _names(text)):
            return None
        return expand(text, known)

    def workdir(self, step: Step) -> str | None:
        """Where a step runs; None where that is not known, or a build argument decides."""
        return self._workdirs[step.position - self.stage.first]

    def workdir_after(self, step: Step) -> str | None:
        """Where a WORKDIR leads to; None where that is not known."""
        return self._workdirs[step.position - self.stage.first + 1]

    @cached_property
    def last_workdir(self) -> str:
        """Where the container's command starts. Raises `CannotTell`."""
        directory = self._workdirs[-1]
        if directory is None:
            raise CannotTell(
                "in which directory the command starts: WORKDIR does not say it for sure"
            )
        return directory

    @cached_property
    def _workdirs(self) -> list[str | None]:
        """Where each step runs, and what would run behind the last."""
        directory = self.builder.workdir if self.builder is not None else None
        found = [directory]
        for step in self.steps:
            if step.keyword == "WORKDIR":
                value = self.filled(step, step.instruction.value.strip("\"'"))
                if value is None or (directory is None and not value.startswith("/")):
                    directory = None
                else:
                    directory = at(directory or "/", value)
            found.append(directory)
        return found

    @cached_property
    def ran(self) -> tuple[Ran, ...]:
        """Every command of every RUN, in order; those of ONBUILD are none."""
        return tuple(ran for step in self.steps for ran in self._ran(step))

    def _ran(self, step: Step) -> Iterator[Ran]:
        if step.keyword != "RUN" or step.script is None:
            return
        known = self.known(step)
        directory = self.workdir(step)
        for command in step.script.commands:
            here = dict(known)
            here.update(part.partition("=")[::2] for part in command.assignments)
            yield Ran(step, command, directory, here)
            if command.name == "cd" and command.arguments:
                ran = Ran(step, command, directory, known)
                # A cd that may not be reached, or that ends with its subshell, makes it unclear.
                directory = None if command.within else ran.path(command.arguments[0])
            elif command.name == "export":
                known.update(
                    word.text.partition("=")[::2] for word in command.arguments if "=" in word.text
                )
            elif not command.words:
                known.update(part.partition("=")[::2] for part in command.assignments)

    @cached_property
    def launch(self) -> Launch:
        """What it starts, with what scripts of the context start. Raises `CannotTell`."""
        return with_scripts(launch_of(self.steps), self._script)

    def _script(self, program: str) -> str | None:
        paths = {one.path for one in self.sources.copied}
        texts = self.sources.texts
        return next((texts.get(one, "") for one in self.resolved(program) if one in paths), None)

    @cached_property
    def sources(self) -> Sources:
        """The texts that it is built from, as far as they can be seen."""
        return sources_of(self)

    @cached_property
    def ignored(self) -> Callable[[str], bool | None]:
        """Whether the build does not get a file of the context; None where nobody can say."""
        return ignored_by(self.matter) or (lambda _: None)

    def resolved(self, program: str) -> tuple[str, ...]:
        """Where the container finds a program, by what it is called: the paths to try, in order."""
        if "/" in program:
            return (at(self.last_workdir, program),)
        return tuple(at(folder, program) for folder in self.path)

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The folders of PATH when the container starts."""
        return self.path_at(None)

    def path_at(self, end: Step | None) -> tuple[str, ...]:
        """The folders of PATH at a step, or at the end; after ENV's own the usual ones."""
        own = self.builder.path if self.builder is not None else ()
        folders = [*own, *USUAL_PATH]
        for step in self.steps:
            if end is not None and step.position >= end.position:
                break
            if step.keyword != "ENV":
                continue
            for one in settings_of(step.instruction, self.build.dockerfile.escape) or ():
                if one.name == "PATH":
                    folders = [*self._folders(step, one.value or "", folders), *folders]
        return tuple(dict.fromkeys(folders))

    def _folders(self, step: Step, value: str, before: list[str]) -> Iterator[str]:
        known = self.known(step)
        for part in value.split(":"):
            if part in ("$PATH", "${PATH}"):
                yield from before
            elif all(known.get(name) is not None for name in _names(part)):
                folder = expand(part, known) or ""
                if folder.startswith("/"):
                    yield at("/", folder)
