"""Simple commands in a shell's text: which words it would look up as programs.

No shell: expansions are not made, and every branch counts as taken. What is found too much makes
a needed file of one that is not; what is not seen is said (`Commands.is_partial`).
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.shell.grammar import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.dockerfile.shell.script import Word

MAX_TEXT_BYTES = 65536
_NOTHING: Mapping[bytes, bytes] = MappingProxyType({})
_VARIABLE = re.compile(rb"\$(?:\{([A-Za-z_]\w*)(?::?-([^{}]*))?\}|([A-Za-z_]\w*))")
_STARTING = frozenset((b"exec", b"command", b"builtin", b"time"))
_ARGUMENTS = frozenset((b"$@", b"${@}", b"$*", b"${*}"))

# Programs that run what follows their own options; how many operands of their own come first.
_WRAPPERS = {
    b"env": 0,
    b"tini": 0,
    b"tini-static": 0,
    b"dumb-init": 0,
    b"catatonit": 0,
    b"docker-init": 0,
    b"nice": 0,
    b"ionice": 0,
    b"nohup": 0,
    b"setsid": 0,
    b"stdbuf": 0,
    b"xargs": 0,
    b"sudo": 0,
    b"setpriv": 0,
    b"catchsegv": 0,
    b"su-exec": 1,
    b"gosu": 1,
    b"chpst": 0,
    b"s6-setuidgid": 1,
    b"chroot": 1,
    b"timeout": 1,
    b"exec": 0,
}
# Options of theirs that take the next word.
_TAKING = {
    b"env": (b"-u", b"-C"),
    b"tini": (b"-p", b"-e"),
    b"tini-static": (b"-p", b"-e"),
    b"dumb-init": (b"-r",),
    b"nice": (b"-n",),
    b"ionice": (b"-c", b"-n", b"-p"),
    b"xargs": (b"-n", b"-I", b"-P", b"-d", b"-L", b"-a", b"-s"),
    b"sudo": (b"-u", b"-g", b"-h", b"-p", b"-C"),
    b"timeout": (b"-s", b"-k"),
    b"stdbuf": (b"-i", b"-o", b"-e"),
    b"chpst": (b"-u", b"-U", b"-b", b"-e", b"-/", b"-n", b"-m"),
    b"exec": (b"-a",),
}


class Commands(Struct):
    """What a shell's text runs.

    Attributes:
        simple: words of each simple command, quotes taken off, its assignments left out.
        passes_arguments: whether it runs its own arguments (`exec "$@"`).
        is_partial: whether it runs something that its text does not name.
    """

    simple: list[list[bytes]]
    passes_arguments: bool = False
    is_partial: bool = False


def shell_commands(text: bytes, variables: Mapping[bytes, bytes] = _NOTHING) -> Commands:
    """The simple commands in a text, those in command substitutions before what they stand in.

    `variables` are put in as they are at the start; what the text assigns is not followed.
    """
    found = Commands([])
    if len(text) > MAX_TEXT_BYTES:
        found.is_partial = True
        return found
    reader = Reader(text.decode("utf-8", "surrogateescape"))
    commands = reader.script().commands
    found.is_partial = reader.gave_up
    for command in sorted(commands, key=lambda command: command.end):
        if command.words and command.words[0].text != "[[":
            _add(found, [_expanded(word, variables) for word in command.words])
    return found


def wrapped(words: list[bytes]) -> list[bytes] | None:
    """What a program that only starts another one starts: `gosu app nginx` is `nginx`.

    None if the first word is no such program; empty if it is, and starts nothing that is seen.
    """
    name = words[0].rpartition(b"/")[2]
    if name not in _WRAPPERS:
        return None
    rest = words[1:]
    while rest:
        word = rest[0]
        if word == b"--":
            rest = rest[1:]
            break
        if word.startswith(b"-") and word != b"-":
            rest = rest[2 if word in _TAKING.get(name, ()) else 1 :]
        elif name == b"env" and b"=" in word:
            rest = rest[1:]
        else:
            break
    return rest[_WRAPPERS[name] :]


def _add(found: Commands, words: list[bytes]) -> None:
    while words and words[0] in _STARTING:
        is_exec = words[0] == b"exec"
        if words[0] == b"command" and words[1:2] in ([b"-v"], [b"-V"]):
            return  # it asks, and runs nothing
        words = words[1:]
        if is_exec and words and words[0].startswith(b"-"):
            words = wrapped([b"exec", *words]) or []
    if not words:
        return
    if words[0] in _ARGUMENTS:
        found.passes_arguments = True
        return
    inner = wrapped(words)
    if words[0] == b"eval" or words[0].startswith(b"$") or b"`" in words[0]:
        found.is_partial = True
        return
    found.simple.append(words)
    if inner and inner[0] in _ARGUMENTS:
        found.passes_arguments = True


def _expanded(word: Word, variables: Mapping[bytes, bytes]) -> bytes:
    text = word.text.encode("utf-8", "surrogateescape")
    if word.literal or b"$" not in text:
        return text
    return _VARIABLE.sub(
        lambda found: variables.get(found[1] or found[3]) or found[2] or found[0], text
    )
