"""Whether a program that a RUN calls can be called once more at the end of it, to clean up.

`npm ci && apk del npm` has no npm to clean up with; nor has `if A; then npm ci; fi`, where not A.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.rules.clearing import removed_paths
from lightship.rules.package_calls import package_calls

if TYPE_CHECKING:
    from lightship.dockerfile.shell.script import Command, Script

_SOMETIMES = frozenset(("if", "case", "loop", "or", "condition", "function", "substitution"))
_MOVES = frozenset(("cd", "pushd", "popd"))
_LEAVES = frozenset(("deactivate", "nvm"))
_SETS_UP = frozenset((".", "source", "export", "alias"))
# Where programs and what they need are installed.
_INSTALLED = re.compile(r"(?:/(?:usr|opt|bin|sbin|lib\d*)(?!/share|/src|/local/share)(?:/|\Z)|\$)")


def called_sometimes(script: Script, command: Command, program: str) -> str | None:
    """Why a program may not be there at the top level of a script; None if it is.

    Args:
        script: all of it.
        command: that calls the program.
        program: as it is written.
    """
    if _SOMETIMES & {*command.within} or _may_fail(script, command):
        return f"{program[:40]} is called in some cases only"
    if "subshell" not in command.within:
        return None
    is_relative = "/" in program and not program.startswith(("/", "~"))
    prepared = any(
        one.name in _SETS_UP or any(text.startswith("PATH=") for text in one.assignments)
        for one in script.commands
        if one.statement == command.statement and one.start < command.start
    )
    if is_relative or "$" in program or prepared:
        return f"{program[:40]} is called in parentheses that may set it up"
    return None


def _may_fail(script: Script, command: Command) -> bool:
    """Whether the script goes on where the program is not there.

    `dnf install a || yum install a`; `[ -f package.json ] && npm ci; make`.
    """
    if script.text[command.end : command.end + 200].lstrip().startswith("||"):
        return True
    index = command.statement
    is_asked = index > 0 and script.statements[index - 1].operator == "&&"
    for one in script.statements[index:]:
        if one.operator == "||":
            return True
        if one.operator != "&&":
            return is_asked and one is not script.statements[-1]
    return False


def may_be_gone(script: Script, command: Command, program: str) -> bool:
    """Whether what comes after a command may take away the program that it calls."""
    removals = {
        call.command.start
        for call in package_calls(script)
        if call.verb.text in call.manager.removes
    }
    return any(
        one.start in removals or _takes_away(one, program)
        for one in script.commands
        if one.start > command.start
    )


def is_named_later(script: Script, command: Command, programs: frozenset[str]) -> bool:
    """Whether a later command has one of some programs as an argument: `rpm -e microdnf`."""
    return any(
        word.text in programs
        for one in script.commands
        if one.start > command.start
        for word in one.arguments
    )


def _takes_away(command: Command, program: str) -> bool:
    name = program.rpartition("/")[2]
    erases = command.name in ("rpm", "dpkg") and command.has(
        "-e", "-r", "-P", "--purge", "--remove"
    )
    if (
        command.name in _LEAVES
        or erases
        or any(text.startswith("PATH=") for text in command.assignments)
    ):
        return True
    if any(
        word.text in ("uninstall", "PATH") or word.text[:5] == "PATH=" for word in command.words
    ):
        return True
    if command.name in _MOVES:
        return "/" in program and not program.startswith(("/", "~", "$"))
    paths = list(removed_paths(command))
    if command.name in ("mv", "rename"):
        paths = [word.text for word in command.operands()[:-1]]
    return any(
        name in path or _INSTALLED.match(path) or program.startswith(f"{path}/") for path in paths
    )
