"""Shell scripts of the context that the container starts, and what they start in turn."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import structs

from lightship.dockerfile.shell.parsing import script_of
from lightship.rules.multistage.launching import BUILTINS, Launch, Started
from lightship.rules.multistage.plan import CannotTell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SHEBANG = re.compile(r"#! ?(?:/usr)?/bin/(?:env +)?(sh|bash|dash|ash)(?: +-[eux]+)?[ \t]*\r?\n")
_FUNCTION = re.compile(r"^[ \t]*(?:function[ \t]+)?([\w-]+)[ \t]*\(\)", re.MULTILINE)
_ARGUMENTS = frozenset(("$@", "$*", "${@}"))


def with_scripts(launch: Launch, text_of: Callable[[str], str | None]) -> Launch:
    """The same, where a program that is a script stands with the programs that it calls.

    Args:
        launch: as the instructions say it.
        text_of: the text of what a program's name leads to; None if that is no file of the context.

    Raises:
        CannotTell: what a script starts.
    """
    handed = launch.command[1].words if len(launch.command) > 1 else None
    command = tuple(_opened(one, text_of, handed) for one in launch.command)
    health = _opened(launch.health, text_of, None) if launch.health is not None else None
    return Launch(command, health)


def _opened(
    started: Started, text_of: Callable[[str], str | None], handed: tuple[str, ...] | None
) -> Started:
    programs: list[str] = []
    scripts: list[str] = []
    shell = started.shell
    for program in started.programs:
        programs.append(program)
        text = text_of(program)
        if text is None:
            continue
        shebang = _SHEBANG.match(text)
        if shebang is None:
            raise CannotTell(f"what {program[:60]} starts, which is no script for sh or bash")
        shell = shell if shell == "bash" else shebang[1]
        scripts.append(program)
        programs += _calls(program, text, handed)
    if not scripts:
        return started
    return structs.replace(started, programs=tuple(programs), scripts=tuple(scripts), shell=shell)


def _calls(name: str, text: str, handed: tuple[str, ...] | None) -> Iterator[str]:
    script = script_of(text)
    if not script.exact or script.has_heredoc:
        raise CannotTell(f"what {name[:60]} starts: its shell text is not clear")
    own = set(_FUNCTION.findall(text))
    for command in script.commands:
        if not command.words or command.name in BUILTINS or command.name in own:
            continue
        word = command.words[len(command.words) - len(command.arguments) - 1]
        if word.text in _ARGUMENTS:
            if not handed:
                raise CannotTell(f"what {name[:60]} starts: its arguments, and there are none")
            yield handed[0]
        elif not word.literal:
            raise CannotTell(f"what {name[:60]} starts: {word.text[:40]}")
        else:
            yield word.text
