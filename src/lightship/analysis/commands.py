"""Simple commands in a shell's text: which words it would look up as programs.

No shell: expansions are not made, and every branch counts as taken. What is found too much makes
a needed file of one that is not; what is not seen is said (`Commands.is_partial`).

Words, quotes, operators and here-documents as in POSIX.1-2017, XCU 2.2, 2.3 and 2.7.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_TEXT_BYTES = 65536
_MAX_DEPTH = 4
_NOTHING: Mapping[bytes, bytes] = MappingProxyType({})
_TOKEN = re.compile(
    rb"""(?P<blank>(?:[ \t\r]|\\\n)+)
    |(?P<comment>(?<![^\s;&|()])\#[^\n]*)
    |(?P<here><<-?(?!<))
    |(?P<redirect>(?:\d*(?:[<>]+[&|]?)|&>>?))
    |(?P<operator>;;&|;[;&]|;|&&|&|\|\||\|&|\||\(|\)|\n)
    |(?P<word>(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\;&|()<>]|[\\'"])+)
    """,
    re.VERBOSE | re.DOTALL,
)
_PIECE = re.compile(rb"""'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^'"\\]+)|(.)""", re.DOTALL)
_INNER = re.compile(rb"\$\(([^()]*)\)|`([^`]*)`")
_ASSIGNMENT = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*\+?=")
_VARIABLE = re.compile(rb"\$(?:\{([A-Za-z_]\w*)(?::?-([^{}]*))?\}|([A-Za-z_]\w*))")
_KEYWORDS = frozenset(
    b"if then else elif fi while until do done esac ! { } [[ time exec command builtin".split()
)
_DECLARING = frozenset((b"for", b"case", b"select", b"function", b"in"))
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


def shell_commands(
    text: bytes, variables: Mapping[bytes, bytes] = _NOTHING, depth: int = 0
) -> Commands:
    """The simple commands in a text, those in command substitutions included.

    `variables` are put in as they are at the start; what the text assigns is not followed.
    """
    found = Commands([])
    if len(text) > MAX_TEXT_BYTES or depth > _MAX_DEPTH:
        found.is_partial = True
        return found
    for words in _split(text):
        for word in words:
            for inner in _INNER.finditer(word) if b"$(" in word or b"`" in word else ():
                below = shell_commands(inner[1] or inner[2] or b"", variables, depth + 1)
                found.simple += below.simple
                found.is_partial |= below.is_partial
        _add(found, [_expanded(_unquoted(word), variables) for word in words])
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
    while words and (words[0] in _KEYWORDS or _ASSIGNMENT.match(words[0])):
        is_exec = words[0] == b"exec"
        if words[0] == b"command" and words[1:2] in ([b"-v"], [b"-V"]):
            return  # it asks, and runs nothing
        words = words[1:]
        if is_exec and words and words[0].startswith(b"-"):
            words = wrapped([b"exec", *words]) or []
    if not words or words[0] in _DECLARING:
        return
    if any(word in _ARGUMENTS for word in words[:1]):
        found.passes_arguments = True
        return
    inner = wrapped(words)
    if words[0] == b"eval" or words[0].startswith(b"$") or b"`" in words[0]:
        found.is_partial = True
        return
    found.simple.append(words)
    if inner and inner[0] in _ARGUMENTS:
        found.passes_arguments = True


def _split(text: bytes) -> Iterator[list[bytes]]:
    """Words of each simple command as written; here-documents passed over."""
    words: list[bytes] = []
    waiting: list[bytes] = []
    position, skip, is_here = 0, False, False
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            position += 1
            continue
        position = token.end()
        kind = token.lastgroup
        if kind == "word":
            if is_here:
                waiting.append(_unquoted(token[0]))
            elif not skip:
                words.append(token[0])
            skip = is_here = False
        elif kind == "here":
            is_here = True
        elif kind == "redirect":
            skip = True
        elif kind == "operator":
            if words:
                yield words
            words, skip, is_here = [], False, False
            if token[0] == b"\n" and waiting:
                position = _after_documents(text, position, waiting)
                waiting = []
    if words:
        yield words


def _after_documents(text: bytes, position: int, delimiters: list[bytes]) -> int:
    for delimiter in delimiters:
        while position < len(text):
            end = text.find(b"\n", position)
            end = len(text) if end < 0 else end
            line = text[position:end].strip(b"\t\r")
            position = end + 1
            if line == delimiter:
                break
    return min(position, len(text))


def _expanded(word: bytes, variables: Mapping[bytes, bytes]) -> bytes:
    if b"$" not in word:
        return word
    return _VARIABLE.sub(
        lambda found: variables.get(found[1] or found[3]) or found[2] or found[0], word
    )


def _unquoted(word: bytes) -> bytes:
    """A word without its quotes; what it expands stays as written."""
    if not any(quote in word for quote in b"'\"\\"):
        return word
    parts = []
    for single, double, escaped, plain, _stray in _PIECE.findall(word):
        parts.append(single or plain or escaped or re.sub(rb'\\([$`"\\\n])', rb"\1", double))
    return b"".join(parts)
