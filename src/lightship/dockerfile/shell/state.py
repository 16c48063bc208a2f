"""What a script does to the shell that runs it, and how its top level hangs together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.shell.script import Command, Script, Word

# Commands of the shell itself that outlast themselves, and what each leaves behind.
_LASTING = {
    "cd": "cd",
    "pushd": "cd",
    "popd": "cd",
    "export": "export",
    "declare": "assignment",
    "typeset": "assignment",
    "readonly": "assignment",
    "local": "assignment",
    "read": "assignment",
    "readarray": "assignment",
    "mapfile": "assignment",
    "getopts": "assignment",
    "let": "assignment",
    "unset": "unset",
    "shift": "set",
    "set": "set",
    "shopt": "shopt",
    "enable": "shopt",
    "hash": "shopt",
    "umask": "umask",
    "ulimit": "ulimit",
    "trap": "trap",
    "alias": "alias",
    "unalias": "alias",
    "exec": "exec",
    "exit": "exit",
    "return": "exit",
    "logout": "exit",
    "kill": "kill",
    "coproc": "background",
    "source": "source",
    ".": "source",
    "eval": "eval",
}
_SAME_SHELL = frozenset(("command", "builtin", "time"))
_OWN_PROCESS = frozenset(("subshell", "substitution", "pipeline", "background"))
_LETTERS = {
    "errexit": "e",
    "nounset": "u",
    "xtrace": "x",
    "verbose": "v",
    "noglob": "f",
    "allexport": "a",
    "noclobber": "C",
}


def process_state(script: Script) -> tuple[str, ...]:
    """Why what runs behind the script in the same shell could tell: sorted, each once.

    `cd`, `export`, `assignment` (of any variable, by a loop too), `unset`, `set`, `shopt`, `umask`,
    `ulimit`, `trap`, `alias`, `function` (defined), `background` (something goes on running; also
    `&>`, which in dash means that), `exec`, `exit`, `kill`, `source`, `eval`, `expansion` (a
    program whose name only the shell knows), `unread` (not exact). What happens in a subshell, a
    pipeline or a substitution stays there, but for background jobs.
    """
    reasons = {reason for command in script.commands for reason in _lasting(command)}
    if not script.exact:
        reasons.add("unread")
    if script.variables:
        reasons.add("assignment")
    if any(statement.kind == "function" for statement in script.statements):
        reasons.add("function")
    if has_background(script):
        reasons.add("background")
    return tuple(sorted(reasons))


def _lasting(command: Command) -> Iterator[str]:
    if any(redirect.operator.startswith("&>") for redirect in command.redirects):
        yield "background"
    if not _OWN_PROCESS.isdisjoint(command.within):
        return
    if "function" in command.within:
        yield "function"
    word = _builtin(command.words)
    if word is None:
        if command.assignments:
            yield "assignment"
    elif word.text in _LASTING:
        yield _LASTING[word.text]
    elif word.text.startswith(("$", "`")) and not word.literal:
        yield "expansion"
    elif word.text == "printf" and command.has("-v"):
        yield "assignment"


def _builtin(words: tuple[Word, ...]) -> Word | None:
    """The first word that is not one of those behind which a builtin still acts on the shell."""
    return next(
        (word for word in words if word.text not in _SAME_SHELL and word.text[:1] != "-"), None
    )


def has_background(script: Script) -> bool:
    """Whether anything in it is started with `&`."""
    return any("background" in command.within for command in script.commands) or any(
        statement.operator == "&" for statement in script.statements
    )


def leading_sets(script: Script) -> int:
    """How many of the first statements are `set` commands that only turn options on."""
    count = 0
    for command in script.commands:
        if command.statement != count or command.within or _options(command) is None:
            break
        count += 1
    return count


def set_flags(script: Script) -> frozenset[str]:
    """The options that the leading `set` commands turn on: `e`, `u`, `x`, `pipefail`..."""
    flags: set[str] = set()
    for command in script.commands[: leading_sets(script)]:
        flags |= _options(command) or set()
    return frozenset(flags)


def _options(command: Command) -> set[str] | None:
    words = command.words
    if len(words) < 2 or words[0].text != "set" or command.assignments or command.redirects:
        return None
    options: set[str] = set()
    named = False
    for word in words[1:]:
        if named:
            options.add(_LETTERS.get(word.text, word.text))
            named = False
        elif not word.literal or not word.text.startswith("-") or word.text[1:2] in ("-", ""):
            return None
        else:
            options.update(word.text[1:].replace("o", ""))
            named = "o" in word.text
    return None if named else options
