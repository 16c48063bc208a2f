"""What an image's command runs: programs, the interpreters of scripts, the words of shell scripts.

Nothing is run. What is found certainly stands in the command or in a script that it runs; what a
program starts by itself is not seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.commands import shell_commands, wrapped
from lightship.analysis.elf import elf_requests
from lightship.analysis.library_places import library_requests
from lightship.analysis.lookup import FoundFile, Lookup, find_program, joined
from lightship.analysis.scripts import (
    SHELLS,
    interpreter_of,
    runs_in_shell,
    script_requests,
    scripts,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.analysis.packages.records import Records
    from lightship.analysis.run_settings import RunSettings
    from lightship.layers.captures import CaptureRequest

_MAX_STEPS = 20_000
_MAX_DEPTH = 16
_SOURCES = (b".py", b".js", b".mjs", b".cjs", b".rb", b".pl", b".php")
_CONSOLES = frozenset(
    b"node irb perl R julia jshell ghci lua erl iex fish tcsh csh groovysh scala".split()
)


class Entrypoint(Struct, frozen=True):
    """What an image's command runs.

    Attributes:
        words: entrypoint and command together, as the config gives them.
        files: that it runs, each once, in the order found; scripts included.
        is_open: the command is a shell or an interpreter without anything to run, or there is no
            command: an image to build on or to work in.
        is_partial: it runs more than was seen: a shell's script that could not be read to its end,
            or a word that is known only when it runs.
        missing: programs that were looked up and are not in the image.
        called: by which word each of `files` is called: `awk`, where the file is `mawk`.
    """

    words: tuple[bytes, ...]
    files: tuple[FoundFile, ...]
    is_open: bool
    is_partial: bool
    missing: tuple[bytes, ...]
    called: tuple[bytes, ...] = ()

    @property
    def program(self) -> FoundFile | None:
        """The file that is started; None if it is not in the image."""
        return self.files[0] if self.files else None


def entrypoint_requests() -> tuple[CaptureRequest, ...]:
    """What must be captured for `find_entrypoint` and what builds on it."""
    return (*elf_requests(), *library_requests(), *script_requests())


def find_entrypoint(records: Records, settings: RunSettings) -> Entrypoint:
    """What the image's command runs, its health check included."""
    words = (*settings.entrypoint, *settings.command)
    search = _Search(records, settings)
    search.command(list(words), 0)
    is_open = not words or search.is_open
    search.command(list(settings.healthcheck), 0)
    return Entrypoint(
        words=words,
        files=tuple(search.files),
        is_open=is_open,
        is_partial=search.is_partial,
        missing=tuple(search.missing),
        called=tuple(search.files.values()),
    )


class _Search:
    """Follows commands to files."""

    def __init__(self, records: Records, settings: RunSettings) -> None:
        self._lookup = Lookup(records.tree)
        self._texts = scripts(records)
        self._settings = settings
        self._steps = 0
        self._done: set[tuple[int, tuple[bytes, ...]]] = set()
        self.files: dict[FoundFile, bytes] = {}
        self.missing: dict[bytes, None] = {}
        self.is_open = False
        self.is_partial = False

    def command(self, words: list[bytes], depth: int, *, is_first: bool = True) -> None:
        """What words run; `is_first` unless they stand in a script, with builtins among them."""
        self._steps += 1
        if not words or self._steps > _MAX_STEPS or depth > _MAX_DEPTH:
            self.is_partial = self.is_partial or bool(words)
            return
        inner = wrapped(words)
        if inner:
            self.command(inner, depth + 1, is_first=is_first)
        if not is_first and words[0] in (b".", b"source"):
            self._sourced(words[1:], depth)
            return
        file = self._program(words[0])
        if file is None:
            # In a script it may be a builtin or a function.
            if is_first or b"/" in words[0]:
                self.missing[words[0]] = None
            return
        self.files.setdefault(file, words[0])
        self._run(file, words, depth)

    def _run(self, file: FoundFile, words: list[bytes], depth: int) -> None:
        key = (file.record, tuple(words[1:]))
        if key in self._done or depth > _MAX_DEPTH:
            self.is_partial = self.is_partial or depth > _MAX_DEPTH
            return
        self._done.add(key)
        name = words[0].rpartition(b"/")[2]
        text = self._texts.get(file.record)
        if text is not None:
            self._interpreter(text, file, depth)
            if runs_in_shell(text):
                self._shell_text(text, words[1:], depth, file)
        elif name == b"busybox" and words[1:]:
            # Its first argument is the program; any other name that it has is one, too.
            self._run(file, words[1:], depth + 1)
        elif name in SHELLS:
            self._shell(words[1:], depth)
        elif _is_console(name) or _is_console(file.path.rpartition(b"/")[2]):
            self._console(words[1:])

    def _interpreter(self, text: bytes, file: FoundFile, depth: int) -> None:
        words = interpreter_of(text)
        if not words:
            return
        program = words[0].rpartition(b"/")[2]
        rest = words[1].split() if program == b"env" and words[1:] else words[1:]
        inner = wrapped([b"env", *rest]) if program == b"env" else None
        self.command([words[0], *rest, b"/" + file.path] if not inner else [words[0]], depth + 1)
        if inner:
            self.command([*inner, b"/" + file.path], depth + 1)

    def _shell(self, arguments: list[bytes], depth: int) -> None:
        """A shell with these arguments (sh(1))."""
        rest = list(arguments)
        while rest and rest[0].startswith((b"-", b"+")) and len(rest[0]) > 1:
            option = rest.pop(0)
            if option == b"--":
                break
            if option.startswith(b"-") and not option.startswith(b"--") and b"c" in option:
                if rest:
                    self._shell_text(rest[0], rest[2:], depth, None)
                return
            if option in (b"-o", b"+o", b"-O", b"--rcfile", b"--init-file"):
                rest = rest[1:]
        if not rest:
            self.is_open = True
            return
        self._script(rest[0], rest[1:], depth)

    def _script(self, path: bytes, arguments: list[bytes], depth: int) -> None:
        """A shell's script, with or without a `#!` line."""
        file = self._file(path) or self._program(path)
        if file is None:
            return
        self.files.setdefault(file, path)
        text = self._texts.get(file.record)
        if text is None:
            self.is_partial = True
        elif runs_in_shell(text) and (file.record, tuple(arguments)) not in self._done:
            self._done.add((file.record, tuple(arguments)))
            self._shell_text(text, arguments, depth, file)

    def _sourced(self, arguments: list[bytes], depth: int) -> None:
        if arguments and b"$" not in arguments[0]:
            self._script(arguments[0], arguments[1:], depth + 1)
        else:
            self.is_partial = True

    def _shell_text(
        self, text: bytes, arguments: Iterable[bytes], depth: int, script: FoundFile | None
    ) -> None:
        is_cut = script is not None and b"\n" not in text
        found = shell_commands(text, self._settings.environment)
        self.is_partial = self.is_partial or found.is_partial or is_cut
        for words in found.simple:
            self.command(words, depth + 1, is_first=False)
        if found.passes_arguments:
            # `exec "$@"`: what the image's command adds is what is run.
            self.command(list(arguments), depth + 1)

    def _console(self, arguments: list[bytes]) -> None:
        operands = [one for one in arguments if not one.startswith(b"-")]
        if not operands and not any(one in (b"-c", b"-m", b"-e") for one in arguments):
            self.is_open = True
            return
        file = self._file(operands[0]) if operands else None
        if file is not None:
            self.files.setdefault(file, operands[0])
        elif arguments and arguments[0].endswith(_SOURCES):
            self.missing[arguments[0]] = None

    def _program(self, word: bytes) -> FoundFile | None:
        return find_program(self._lookup, self._settings, word)

    def _file(self, path: bytes) -> FoundFile | None:
        return self._lookup.file(joined(self._settings.working_directory, path))


def _is_console(name: bytes) -> bool:
    return name in _CONSOLES or name.rstrip(b"0123456789.") in (b"python", b"pypy", b"php", b"ruby")
