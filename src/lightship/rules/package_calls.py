"""What a RUN calls through programs that start others, and which package managers it calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.catalogue.package_managers import manager_of
from lightship.dockerfile.shell.programs import operand_indexes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lightship.catalogue.package_managers import PackageManager
    from lightship.dockerfile.build import Step
    from lightship.dockerfile.shell.script import Command, Script, Word

# Programs that start what follows their options and that many operands, and their options that
# take the next word. The words of `lightship.dockerfile.shell.programs` are seen through already.
_STARTERS: dict[str, tuple[int, tuple[str, ...]]] = {
    "xargs": (0, ("-n", "-P", "-I", "-a", "-L", "-d", "-E", "-s", "--arg-file", "--max-args")),
    "timeout": (1, ("-s", "-k", "--signal", "--kill-after")),
    "gosu": (1, ()),
    "su-exec": (1, ()),
    "doas": (0, ("-u",)),
    "tini": (0, ()),
    "retry": (0, ("-t", "-d", "-n")),
}
# Programs that do so with their subcommand `run`, in an environment.
_RUNNERS: dict[str, tuple[str, ...]] = dict.fromkeys(
    ("conda", "mamba", "micromamba", "poetry", "pipenv", "pdm"),
    ("-n", "--name", "-p", "--prefix", "--cwd", "-C", "-P"),
)
_DEEPEST = 4
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*")


class Called(Struct, frozen=True):
    """A program that a command calls in the end: of `xargs -n 1 pip install` it is pip.

    Attributes:
        program: its name without its folder; of `python3 -m pip` it is `pip`.
        words: that follow it.
    """

    program: str
    words: tuple[Word, ...]


def called(command: Command) -> Called:
    """What a command calls, seen through `xargs`, `timeout`, `python -m` and their like."""
    program, words = command.name, command.arguments
    for _ in range(_DEEPEST):
        if _PYTHON.fullmatch(program) and len(words) > 1 and words[0].text == "-m":
            return Called(words[1].text, words[2:])
        skipped, with_value = _STARTERS.get(program, (0, ()))
        if program in _RUNNERS:
            skipped, with_value = 1, _RUNNERS[program]
        elif program not in _STARTERS:
            break
        found = list(operand_indexes([word.text for word in words], with_value))
        if program in _RUNNERS and (not found or words[found[0]].text != "run"):
            break
        found = found[skipped:]
        if not found:
            break
        program, words = words[found[0]].text.rpartition("/")[2], words[found[0] + 1 :]
    return Called(program, words)


class PackageCall(Struct, frozen=True):
    """A call of a package manager with a subcommand.

    Attributes:
        program: as it was called: `apt-get`.
        verb: the subcommand's word.
        words: all that follow the program.
        operands: those after the subcommand that are no options.
    """

    manager: PackageManager
    program: str
    command: Command
    verb: Word
    words: tuple[Word, ...]
    operands: tuple[Word, ...]

    @property
    def installs(self) -> bool:
        """Whether it installs, and so reads lists and fetches packages."""
        return self.verb.text in self.manager.installs and not self.is_offline

    @property
    def updates(self) -> bool:
        """Whether it does nothing but fetch lists."""
        return self.verb.text in self.manager.updates

    @property
    def is_offline(self) -> bool:
        """Whether it fetches nothing."""
        return any(self.has(option) for option in self.manager.offline)

    def has(self, option: str) -> bool:
        """Whether an option is there as a word, also as `--option=value`."""
        return any(word.text.partition("=")[0] == option for word in self.words)


def package_calls(script: Script) -> Iterator[PackageCall]:
    """The calls of package managers that work on the image itself, in order."""
    for command in script.commands:
        what = called(command)
        manager = manager_of(what.program)
        if manager is None:
            continue
        texts = [word.text for word in what.words]
        found = list(operand_indexes(texts, manager.with_value))
        if not found or any(text.partition("=")[0] in manager.elsewhere for text in texts):
            continue
        operands = tuple(what.words[index] for index in found)
        yield PackageCall(manager, what.program, command, operands[0], what.words, operands[1:])


def text_of(step: Step) -> str:
    """What a step runs, as text, whether it could be parsed or not."""
    body = step.body
    return body.text if body is not None else step.instruction.value


class Subcommand(Struct, frozen=True):
    """A subcommand of a program: its last word, if it has any, and the operands behind it."""

    last: Word | None
    operands: tuple[Word, ...]


def subcommand(
    what: Called, verbs: Iterable[str], with_value: Sequence[str] = ()
) -> Subcommand | None:
    """Which of some subcommands is called, each given with all its words; None for another one.

    The empty one is the program without any, `*` is every one.
    """
    indexes = operand_indexes([word.text for word in what.words], with_value)
    found = tuple(what.words[index] for index in indexes)
    for verb in verbs:
        parts = verb.split()
        if verb == "*" and found:
            return Subcommand(found[0], found[1:])
        if (parts or not found) and [word.text for word in found[: len(parts)]] == parts:
            return Subcommand(found[len(parts) - 1] if parts else None, found[len(parts) :])
    return None
