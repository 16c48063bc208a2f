"""What a command runs step by step, and which of it runs for certain.

`analysis.entrypoint` finds all that may run. Here it is told apart what the start of a container
cannot go without: the program, a script's interpreter, what a script ends in.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.analysis.commands import shell_commands, wrapped
from lightship.analysis.lookup import FoundFile, Lookup, find_program
from lightship.analysis.scripts import SHELLS, interpreter_of, runs_in_shell, scripts
from lightship.dockerfile.shell.grammar import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.analysis.packages.records import Records
    from lightship.analysis.run_settings import RunSettings
    from lightship.dockerfile.shell.script import Command, Script, Statement

_MAX_STEPS = 200
_MAX_DEPTH = 16
_ARGUMENTS = (b"$@", b"${@}", b"$*", b"${*}")
BUILTINS = frozenset(
    b". : [ alias bg break builtin caller cd command continue declare dirs disown echo enable eval "
    b"exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile "
    b"popd printf pushd pwd read readarray readonly return set shift shopt source suspend test "
    b"times trap true type typeset ulimit umask unalias unset wait".split()
)
"""What shells do by themselves, without a program."""
_LEAVING = frozenset(("exit", "exec", "return", "eval", ".", "source"))
_ERREXIT = re.compile(r"-[A-Za-z]*e")
_FUNCTION = re.compile(rb"(?m)(?:^|[;{}]|\bfunction)\s*([A-Za-z_][\w.-]*)\s*(?:\(\s*\)|\{)")


class Step(Struct, frozen=True):
    """One program that is started.

    Attributes:
        word: as it is written.
        file: what it starts; None if it is not there.
        by: the script that calls it, or whose interpreter it is; None for the command itself.
        is_certain: whether the container ends if it is not there.
        is_interpreter: whether it runs the script `by`.
        stays: whether the start ends in it: the command itself, or what a script hands over to.
    """

    word: bytes
    file: FoundFile | None
    by: FoundFile | None
    is_certain: bool
    is_interpreter: bool = False
    stays: bool = False


class Started(Struct, frozen=True):
    """The steps of a command, in order; it ends in `last`, as far as that could be seen."""

    steps: tuple[Step, ...]

    @property
    def files(self) -> tuple[FoundFile, ...]:
        """What is started for certain, and is there."""
        found = (one.file for one in self.steps if one.is_certain)
        return tuple(dict.fromkeys(file for file in found if file is not None))

    @property
    def last(self) -> FoundFile | None:
        """The program that stays: the one that the others lead to."""
        return self.files[-1] if self.files else None


def find_started(records: Records, lookup: Lookup, settings: RunSettings) -> Started:
    """Follow the command of a container."""
    following = _Following(scripts(records), lookup, settings)
    words = [*settings.entrypoint, *settings.command]
    following.command(words, by=None, is_certain=True)
    return Started(tuple(following.steps))


class _Following:
    def __init__(self, texts: Mapping[int, bytes], lookup: Lookup, settings: RunSettings) -> None:
        self._texts = texts
        self._lookup = lookup
        self._settings = settings
        self._done: set[tuple[bytes, tuple[bytes, ...], bool]] = set()
        self._depth = 0
        self.steps: list[Step] = []

    def command(
        self, words: list[bytes], by: FoundFile | None, *, is_certain: bool, stays: bool = True
    ) -> None:
        """A program with its arguments."""
        if not words or len(self.steps) >= _MAX_STEPS:
            return
        file = self._program(words[0])
        self.steps.append(Step(words[0], file, by, is_certain, stays=stays))
        if file is None:
            return
        text = self._texts.get(file.record)
        if text is not None:
            self._script(file, text, words[1:], is_certain=is_certain)
            return
        inner = wrapped(words)
        if inner is not None:
            self.command(inner, by, is_certain=is_certain, stays=stays)
        elif words[0].rpartition(b"/")[2] in SHELLS:
            self._shell(words[1:], by, is_certain=is_certain)

    def _script(
        self, file: FoundFile, text: bytes, arguments: list[bytes], *, is_certain: bool
    ) -> None:
        words = interpreter_of(text)
        if not words:
            return
        rest = words[1].split() if words[1:] else []
        inner = wrapped([words[0], *rest]) if words[0].endswith(b"/env") else None
        for word in (words[0], *(inner or [])[:1]):
            self.steps.append(
                Step(word, self._program(word), file, is_certain, is_interpreter=True)
            )
        if _is_whole_script(text):
            stops = any(_ERREXIT.match(one.decode("utf-8", "replace")) for one in rest)
            self._text(text, arguments, file, is_certain=is_certain, stops=stops)

    def _shell(self, arguments: list[bytes], by: FoundFile | None, *, is_certain: bool) -> None:
        """A shell's own arguments (sh(1)): a text behind `-c`, or a script."""
        rest, stops = list(arguments), False
        while rest and rest[0].startswith(b"-") and len(rest[0]) > 1:
            option = rest.pop(0).decode("utf-8", "replace")
            stops = stops or _ERREXIT.match(option) is not None
            if not option.startswith("--") and "c" in option:
                if rest:
                    self._text(rest[0], rest[2:], by, is_certain=is_certain, stops=stops)
                return
            if option == "-o":
                rest = rest[1:]
        file = self._program(rest[0]) if rest else None
        if rest:
            self.steps.append(Step(rest[0], file, by, is_certain))
        text = self._texts.get(file.record) if file is not None else None
        if file is not None and text is not None and _is_whole_script(text):
            self._text(text, rest[1:], file, is_certain=is_certain, stops=stops)

    def _text(
        self,
        text: bytes,
        arguments: list[bytes],
        by: FoundFile | None,
        *,
        is_certain: bool,
        stops: bool,
    ) -> None:
        """A shell's text: its top level, until it hands over to another program."""
        key = (text, tuple(arguments), is_certain)
        if key in self._done or self._depth >= _MAX_DEPTH:
            return
        self._done.add(key)
        self._depth += 1
        self._lines(text, arguments, by, is_certain=is_certain, stops=stops)
        self._depth -= 1

    def _lines(
        self,
        text: bytes,
        arguments: list[bytes],
        by: FoundFile | None,
        *,
        is_certain: bool,
        stops: bool,
    ) -> None:
        reader = Reader(text.decode("utf-8", "surrogateescape"))
        script = reader.script()
        is_certain = is_certain and script.exact
        own = frozenset(_FUNCTION.findall(text))
        commands_of: dict[int, list[Command]] = defaultdict(list)
        for one in script.commands:
            commands_of[one.statement].append(one)
        for number, statement in enumerate(script.statements):
            commands = commands_of[number]
            plain = _plain(statement, commands)
            if plain is None:
                # A branch may leave the script, or change its arguments.
                leaves = any(one.name in _LEAVING or _sets_arguments(one) for one in commands)
                is_certain = is_certain and not leaves
                continue
            if plain.words[0].text == "set":
                stops = (
                    stops
                    or any(_ERREXIT.match(w.text) for w in plain.words)
                    or "errexit" in [w.text for w in plain.words]
                )
                is_certain = is_certain and not _sets_arguments(plain)
                continue
            if plain.words[0].text in ("exit", "return"):
                return
            hands_over = plain.words[0].text == "exec" and len(plain.words) > 1
            is_last = number == len(script.statements) - 1
            stays = hands_over or is_last
            is_needed = is_certain and _is_needed(script, number, is_end=stays, stops=stops)
            for words in self._words(script, statement, arguments):
                if words[0] not in own and words[0] not in BUILTINS:
                    self.command(words, by, is_certain=is_needed, stays=stays)
            if hands_over:
                return

    def _words(
        self, script: Script, statement: Statement, arguments: list[bytes]
    ) -> Sequence[list[bytes]]:
        text = script.text[statement.start : statement.end].encode("utf-8", "surrogateescape")
        found = shell_commands(text, self._settings.environment)
        simple = [_with_arguments(words, arguments) for words in found.simple[-1:]]
        if not simple and found.passes_arguments:
            simple = [list(arguments)]
        return [words for words in simple if words and b"$" not in words[0]]

    def _program(self, word: bytes) -> FoundFile | None:
        return find_program(self._lookup, self._settings, word)


def _is_whole_script(text: bytes) -> bool:
    """Whether it is a shell's, and more of it is known than the first line, as of long ones."""
    return runs_in_shell(text) and b"\n" in text


def _plain(statement: Statement, commands: Sequence[Command]) -> Command | None:
    """The command that a statement is; None for compounds and assignments."""
    if statement.kind not in ("command", "test"):
        return None
    return next((one for one in commands if not one.within and one.words), None)


def _is_needed(script: Script, number: int, *, is_end: bool, stops: bool) -> bool:
    """Whether the script fails where this statement's program is not there."""
    before = script.statements[number - 1].operator if number else ""
    after = script.statements[number].operator
    if before in ("&&", "||") or after in ("&&", "||", "&"):
        return False
    return is_end or stops


def _sets_arguments(command: Command) -> bool:
    """Whether a command changes `$@`: `shift`, or `set` with operands."""
    words = [word.text for word in command.words]
    if words[:1] == ["shift"]:
        return True
    if words[:1] != ["set"]:
        return False
    named = [one for last, one in pairwise(words) if last not in ("-o", "+o")]
    return "--" in words or any(one[:1] not in ("-", "+") for one in named)


def _with_arguments(words: list[bytes], arguments: list[bytes]) -> list[bytes]:
    whole: list[bytes] = []
    for word in words:
        whole += arguments if word in _ARGUMENTS else [word]
    return whole
