"""Which files a RUN surely writes and which it takes away, as far as its commands say."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.words import expand
from lightship.rules.clearing import removed_paths
from lightship.rules.package_calls import called, package_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.build import Step
    from lightship.dockerfile.shell.script import Command, Word

# What stands in one of these may not run at all, or in another place.
_DOUBTFUL = frozenset(
    ("if", "or", "condition", "loop", "case", "function", "background", "substitution", "negation")
)
_VARIABLE = re.compile(r"\$\{?(\w+)")
_HOME = re.compile(r"\A(?:~|\$HOME|\$\{HOME\}|/root)(?=/|\Z)")
_CURL_VALUES = (
    *("-o", "--output", "-H", "--header", "-d", "--data", "-u", "--user", "-A", "--user-agent"),
    *("-x", "--proxy", "-e", "--retry", "--retry-delay", "--max-time", "-m", "--connect-timeout"),
    *("--cacert", "-X", "--request", "--output-dir", "-b", "--cookie", "-c", "--cookie-jar"),
)
_WGET_VALUES = (
    *("-O", "--output-document", "-P", "--directory-prefix", "-o", "--output-file", "-t", "-T"),
    *("--header", "--tries", "--timeout", "-U", "--user-agent", "-e", "--execute", "-a", "-w"),
)
_GIT_VALUES = ("-b", "--branch", "--depth", "-o", "--origin", "-c", "--config", "-j", "--jobs")
_CACHES = {"pip": "~/.cache/pip", "pip3": "~/.cache/pip", "npm": "~/.npm"}
_INSTALLING = frozenset(("install", "ci", "i", "download"))
_SMALL = frozenset(("echo", "printf"))  # what they write is not worth a word
_LONGEST = 1024
_MOST = 400


class Trace(Struct, frozen=True):
    """A path and the command that has to do with it.

    Attributes:
        path: absolute; `~/...` in root's home; with `/*` at the end for what is in a directory.
            Of packages it is `package:NAME`.
        word: that names it; None where none does.
    """

    path: str
    command: Command
    word: Word | None = None


class Traces(Struct, frozen=True):
    """What a RUN leaves and what it takes away, in the order of its commands."""

    written: tuple[Trace, ...]
    removed: tuple[Trace, ...]
    changed: tuple[Trace, ...]

    def left(self) -> Iterator[Trace]:
        """What it wrote and did not remove afterwards."""
        for trace in self.written:
            if not any(
                takes(gone.path, trace.path) and gone.command.start > trace.command.start
                for gone in self.removed
            ):
                yield trace


def takes(removed: str, written: str) -> bool:
    """Whether what removes one path removes another, or what is in it."""
    bare = written.removesuffix("/*")
    if removed.startswith("package:") or written.startswith("package:"):
        return removed == written
    if removed == bare or bare.startswith(removed.rstrip("/") + "/"):
        return True
    return "*" in removed and fnmatchcase(bare, removed)


def traces_of(step: Step) -> Traces:
    """What a RUN writes, removes and changes (mode, owner, place, symbols).

    Nothing for more than 400 commands.
    """
    script = step.script
    written: list[Trace] = []
    removed: list[Trace] = []
    changed: list[Trace] = []
    if script is None or len(script.commands) > _MOST:
        return Traces((), (), ())
    folder = step.scope.workdir
    managed = {call.command.start: call for call in package_calls(script)}
    for command in script.commands:
        doubtful = not _DOUBTFUL.isdisjoint(command.within)
        if command.name in ("cd", "pushd", "popd"):
            folder = None if doubtful or command.within else _changed(step, folder, command)
            continue
        at = _At(step, command, folder)
        call = managed.get(command.start)
        if call is not None:
            packages = [
                Trace(f"package:{word.text}", command, word)
                for word in call.words
                if word.literal and not word.text.startswith("-")
            ]
            if call.installs:
                kept = not (call.manager.flag and call.has(call.manager.flag))
                written += packages
                written += [Trace(f"{one}/*", command) for one in call.manager.places if kept]
            elif call.updates:
                written += [Trace(f"{one}/*", command) for one in call.manager.places]
            elif not doubtful and call.verb.text in call.manager.removes:
                removed += [one for one in packages if one.word != call.verb]
            continue
        if doubtful:
            continue
        written += at.written()
        removed += at.removed()
        changed += at.changed()
    outside = tuple(one for one in written if not step.covered(one.path.removesuffix("/*")))
    return Traces(outside, tuple(removed), tuple(changed))


def absolute(step: Step, folder: str | None, text: str) -> str | None:
    """A word as a path; None where it cannot be known."""
    if len(text) > _LONGEST or "`" in text or "$(" in text:
        return None
    text = _HOME.sub("~", text)
    if "$" in text:
        known = step.scope.environment
        names = _VARIABLE.findall(text)
        filled = expand(text, known) if all(name in known for name in names) else None
        if filled is None or _sets(step, names):
            return None
        text = filled
    if text.startswith("~"):
        return posixpath.normpath(text)
    if not text.startswith("/"):
        if folder is None or not text:
            return None
        text = posixpath.join(folder, text)
    return _HOME.sub("~", posixpath.normpath(text))


def _sets(step: Step, names: list[str]) -> bool:
    """Whether the script gives one of these variables another value."""
    text = step.body.text if step.body is not None else ""
    return any(f"{name}=" in text for name in names)


def _changed(step: Step, folder: str | None, command: Command) -> str | None:
    operands = command.operands()
    if len(operands) != 1 or command.name != "cd":
        return None
    return absolute(step, folder, operands[0].text)


def _removed(command: Command) -> Iterator[str]:
    """The paths that a command removes as written: `removed_paths` takes all homes for one."""
    texts = [word.text for word in command.operands()]
    if command.name not in ("rm", "unlink") or any("{" in text for text in texts):
        yield from (path for path in removed_paths(command) if not path.startswith("~"))
        return
    for text in texts:
        yield text.removesuffix("/*")


class _At(Struct, frozen=True):
    """A command where it runs."""

    step: Step
    command: Command
    folder: str | None

    def written(self) -> Iterator[Trace]:
        name = self.command.name
        for redirect in self.command.redirects if name not in _SMALL else ():
            if redirect.operator in (">", ">>", ">|", "&>") and redirect.target is not None:
                yield from self._trace(redirect.target)
        if name == "curl":
            yield from self._downloaded(("-o", "--output"), _CURL_VALUES, self._keeps_names())
        elif name == "wget":
            own = not self.command.has("-O", "--output-document")
            yield from self._downloaded(("-O", "--output-document"), _WGET_VALUES, own)
        elif name == "git" and any(word.text == "clone" for word in self.command.arguments[:1]):
            operands = self.command.operands(*_GIT_VALUES)[1:]
            if len(operands) == 2:
                yield from self._trace(operands[1], inside="/*")
            elif operands:
                yield from self._trace(operands[0], last=True, inside="/*")
        elif name in ("cp", "mv") and len(self.command.operands()) == 2:
            source, target = self.command.operands()
            yield from self._trace(source if target.text.endswith("/") else target, into=target)
        program = called(self.command)
        verbs = [word.text for word in program.words[:1]]
        kept = not any(word.text.startswith("--no-cache") for word in program.words)
        if kept and program.program in _CACHES and _INSTALLING.issuperset(verbs) and verbs:
            yield Trace(_CACHES[program.program] + "/*", self.command)

    def removed(self) -> Iterator[Trace]:
        for path in _removed(self.command):
            place = absolute(self.step, self.folder, path)
            if place is not None and place not in ("/", "~"):
                yield Trace(place, self.command)

    def changed(self) -> Iterator[Trace]:
        if self.command.name in ("chmod", "chown", "chgrp"):
            operands = self.command.operands()[1:]
        elif self.command.name == "mv":
            operands = self.command.operands()[:-1]
        elif self.command.name == "strip":
            operands = self.command.operands("-R", "-K", "-N", "-o")
        else:
            return
        for word in operands:
            yield from self._trace(word)

    def _keeps_names(self) -> bool:
        return self.command.has("-O", "--remote-name", "--remote-name-all")

    def _valued(self, *options: str) -> Word | None:
        """The word behind an option that takes one, also at the end of joined letters."""
        words = self.command.arguments
        for word, following in pairwise(words):
            text = word.text
            joined = not text.startswith("--") and text.startswith("-")
            if text in options or (joined and text.endswith(options[0][1])):
                return following
        return None

    def _downloaded(
        self, options: tuple[str, ...], valued: tuple[str, ...], own_names: bool
    ) -> Iterator[Trace]:
        target = self._valued(*options)
        if target is not None:
            if target.text not in ("-", "/dev/null", "/dev/stdout"):
                yield from self._trace(target)
        elif own_names:
            into = self._valued("-P", "--directory-prefix", "--output-dir")
            for word in self.command.operands(*valued):
                yield from self._trace(word, last=True, into=into)

    def _trace(
        self, word: Word, *, last: bool = False, into: Word | None = None, inside: str = ""
    ) -> Iterator[Trace]:
        text = word.text
        if last or (into is not None and into is not word):
            text = text.rstrip("/").rpartition("/")[2].partition("?")[0].removesuffix(".git")
        if into is not None and into is not word:
            text = posixpath.join(into.text, text)
        path = absolute(self.step, self.folder, text) if text else None
        if path is not None and not path.startswith(("/dev/", "/proc/", "/sys/")):
            yield Trace(path + inside, self.command, word)
