"""The `.gitignore` files of a folder, said as lines of a `.dockerignore`.

The two languages differ: a name without a slash counts at any depth for git and at the root only
for Docker; `!` lets nothing in below an ignored directory for git, and does for Docker; `dir/` is
a directory only for git. What cannot be said is left out, and never is more ignored than git does:
each file that git keeps in the folder is tried with the lines, and let in again if one hits it.

Sources: gitignore(5); github.com/moby/patternmatcher at 5a6d842 (2026-03-24).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.git_matching import Mark, One, spans
from lightship.context.git_tree import GitTree
from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lightship.context.git_matching import GitPattern, Token

MOST_EXCEPTIONS = 20
"""More files that git keeps against one line are a reason to leave the line out."""
_ASCII = frozenset(range(0x20, 0x7F)) - {ord("/")}
_PLAIN = frozenset(
    b"-_.,~@%=:;'\"#!&<>` abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)


class Translated(Struct, frozen=True):
    """A line of a `.dockerignore`.

    Attributes:
        text: the line, `!` included.
        source: the file it comes from, from the folder.
        line: its number in it, from 1.
        note: what a person should know; None for nothing.
    """

    text: str
    source: str
    line: int
    note: str | None = None


class Dropped(Struct, frozen=True):
    """A line of a `.gitignore` that has no place in a `.dockerignore`.

    Attributes:
        text: the line, as written.
        source: the file it is in, from the folder.
        line: its number in it, from 1.
        reason: in a few words.
    """

    text: str
    source: str
    line: int
    reason: str


class Translation(Struct, frozen=True):
    """What became of the `.gitignore` files of a folder.

    Attributes:
        lines: in their order, which counts; exceptions for single files come last.
        dropped: what was left out.
    """

    lines: tuple[Translated, ...]
    dropped: tuple[Dropped, ...]


def translate(root: Path) -> Translation:
    """Say what git ignores in a folder, nested files and those of the repository above included.

    Nothing is raised: what cannot be read is as if it were not there.
    """
    tree = GitTree(root)
    lines, dropped = _all_lines(tree)
    return _mended(lines, dropped, tree)


class _Line(Struct):
    """A line on its way."""

    text: str
    pattern: GitPattern
    source: str
    note: str | None = None

    def done(self) -> Translated:
        return Translated(self.text, self.source, self.pattern.line.number, self.note)

    def dropped(self, reason: str) -> Dropped:
        text = os.fsdecode(self.pattern.line.text)
        return Dropped(text, self.source, self.pattern.line.number, reason)


def _all_lines(tree: GitTree) -> tuple[list[_Line], list[Dropped]]:
    lines: list[_Line] = []
    dropped: list[Dropped] = []
    everything: list[bytes] = []
    for source in tree.sources:
        for pattern in source.patterns:
            line = _Line("", pattern, os.fsdecode(source.path))
            if (
                pattern.is_exception
                and pattern.only_directories
                and any(pattern.base.startswith(base) for base in everything)
            ):
                dropped.append(
                    line.dropped("lets directories in; what is in them is ignored still")
                )
                continue
            if pattern.tokens is None:
                dropped.append(line.dropped("matches nothing"))
                continue
            if not pattern.is_exception and _is_everything(pattern):
                everything.append(pattern.base)
            globs = [glob for glob in _globs(pattern, tree.prefix) if _is_taken(glob)]
            if not globs:
                dropped.append(line.dropped("is about another folder, or cannot be said"))
            lines += [_Line(glob, pattern, line.source) for glob in globs]
    return lines, dropped


def _is_everything(pattern: GitPattern) -> bool:
    return (
        not pattern.only_directories
        and not pattern.is_anchored
        and pattern.tokens is not None
        and len(pattern.tokens) == 1
        and pattern.tokens[0] is Mark.STAR
    )


def _globs(pattern: GitPattern, prefix: bytes) -> list[str]:
    """The line of a pattern; none for one that cannot be said, or is about another folder."""
    tokens = _from_root(pattern, prefix)
    if tokens is None:
        return []
    glob = _said(tokens, widened=pattern.is_exception)
    if glob is None:
        return []
    last = tokens[-1]
    if pattern.only_directories and (pattern.is_exception or last in (Mark.STAR, Mark.REST)):
        glob += "/**"
    return [f"!{_guarded(glob)}" if pattern.is_exception else _guarded(glob)]


def _is_taken(line: str) -> bool:
    return read_ignore_file(line.encode("utf-8", "surrogateescape")).refusal is None


def _said(tokens: Sequence[Token], *, widened: bool) -> str | None:
    """As Docker says it; None if it cannot.

    Args:
        tokens: the parts.
        widened: what cannot be said may match more; for an exception: that ignores less.
    """
    parts = [token.value.encode() if isinstance(token, Mark) else _byte(token, widened=widened)
             for token in tokens]  # fmt: skip
    if tokens[-1] is Mark.STAR and tokens[:-1] == [Mark.DEEP]:
        parts = [b"**/*"]
    if any(not part for part in parts):
        return None
    text = b"".join(parts).decode("utf-8", "surrogateescape")
    broken = [one for one in text if "\ud800" <= one <= "\udfff"]
    if broken and not widened:
        return None
    return "".join("?" if "\ud800" <= one <= "\udfff" else one for one in text)


def _byte(one: One, *, widened: bool) -> bytes:
    """One byte of a set; empty if that cannot be said."""
    if one.is_literal:
        (byte,) = one.bytes
        if byte < 0x20 or byte == 0x7F:
            return b"?" if widened else b""
        text = bytes([byte])
        return text if byte >= 0x80 or byte in _PLAIN else b"\\" + text
    above = len([byte for byte in one.bytes if byte >= 0x80])
    if above == 128:
        excluded = _ASCII - one.bytes
        return b"[^" + _spelled(excluded | {ord("/")}) + b"]" if excluded else b"?"
    if widened and one.bytes - _ASCII:
        return b"?"
    chosen = one.bytes & _ASCII
    return b"[" + _spelled(chosen) + b"]" if chosen else b""


def _spelled(chosen: frozenset[int]) -> bytes:
    """What stands between the brackets of a class."""
    parts = []
    for first, last in spans(chosen):
        if last - first > 2:
            parts.append(_in_class(first) + b"-" + _in_class(last))
        else:
            parts += [_in_class(byte) for byte in range(first, last + 1)]
    return b"".join(parts)


def _in_class(byte: int) -> bytes:
    text = bytes([byte])
    return text if text.isalnum() or text in b"/_ " else b"\\" + text


def _guarded(glob: str) -> str:
    """With a first and last character that Docker does not take for something else."""
    if glob[0] in "# ":
        glob = f"[{glob[0]}]{glob[1:]}"
    elif glob[0] == "!":
        glob = f"\\{glob}"
    return f"{glob[:-1]}[ ]" if glob.endswith(" ") else glob


def _from_root(pattern: GitPattern, prefix: bytes) -> list[Token] | None:
    """Its parts, from the folder; None for one that is about another folder."""
    tokens = list(pattern.tokens or ())
    if not pattern.is_anchored:
        tokens = [Mark.DEEP, *tokens]
    if len(pattern.base) >= len(prefix):
        return [*_literal(pattern.base[len(prefix) :]), *tokens]
    for name in prefix[len(pattern.base) :].split(b"/")[:-1]:
        if tokens[0] is Mark.DEEP:
            return tokens
        written = [*_literal(name), Mark.SLASH]
        if tokens[: len(written)] != written or len(tokens) == len(written):
            return None
        tokens = tokens[len(written) :]
    return tokens


def _literal(text: bytes) -> list[Token]:
    return [Mark.SLASH if byte == ord("/") else One(frozenset([byte]), True) for byte in text]


def _mended(lines: list[_Line], dropped: list[Dropped], tree: GitTree) -> Translation:
    """The lines, changed until they hit nothing that git keeps."""
    lines = [*lines, *_again(lines, tree)]
    paths: Sequence[bytes] = tree.kept
    while True:
        hits = _hits(lines, paths)
        wrong = [at for at, found in hits.items() if _is_to_change(lines[at], found, tree.prefix)]
        if not wrong:
            break
        paths = [path for found in hits.values() for path in found]
        for at in sorted(wrong, reverse=True):
            line = lines[at]
            if _hits_a_file(line, hits[at], tree.prefix):
                line.text += "/**"
                line.note = "git means directories only; files of that name stay"
            else:
                del lines[at]
                if line.note != _AGAIN:
                    dropped.append(line.dropped(f"git keeps {len(hits[at])} files that it hits"))
    kept = [
        _Line(f"!{_guarded(_exactly(path))}", lines[at].pattern, lines[at].source, "git keeps it")
        for at, found in hits.items()
        for path in found
    ]
    return Translation(tuple(line.done() for line in (*lines, *kept)), tuple(dropped))


_AGAIN = "again: git lets nothing in below it"


def _again(lines: list[_Line], tree: GitTree) -> list[_Line]:
    """Lines that close directories, for after the exceptions that would open them again."""
    last = max((at for at, line in enumerate(lines) if line.pattern.is_exception), default=-1)
    opened = [line.text for line in lines if line.pattern.is_exception]
    found = []
    for line in lines[: last + 1]:
        closed = tree.closed.get(id(line.pattern), ())
        if any(_may_open(text, os.fsdecode(directory)) for directory in closed for text in opened):
            # A walk that found the directory ignored by the first line asks no second one about
            # it, and so not about what is in it: the second must match that itself.
            text = line.text.removesuffix("/**") + "/**"
            found.append(_Line(text, line.pattern, line.source, _AGAIN))
    return found


def _may_open(exception: str, directory: str) -> bool:
    """Whether an exception may let something in below a directory."""
    glob = exception.removeprefix("!")
    wild = next((at for at, one in enumerate(glob) if one in "*?[\\"), None)
    if wild is None:
        return glob.startswith(directory + "/")
    return glob[:wild].startswith(directory + "/") or directory.startswith(glob[:wild])


def _is_to_change(line: _Line, found: Sequence[bytes], prefix: bytes) -> bool:
    too_many = line.note == _AGAIN or len(found) > MOST_EXCEPTIONS
    return too_many or _hits_a_file(line, found, prefix)


def _hits_a_file(line: _Line, found: Sequence[bytes], prefix: bytes) -> bool:
    """Whether it is about directories, and hits what is none."""
    return (
        line.pattern.only_directories
        and not line.text.endswith("/**")
        and any(line.pattern.matches(prefix + path, is_directory=True) for path in found)
    )


def _hits(lines: Sequence[_Line], paths: Iterable[bytes]) -> dict[int, list[bytes]]:
    """By the number of a line, the paths that it ignores."""
    text = "\n".join(line.text for line in lines)
    matcher = Matcher(read_ignore_file(text.encode("utf-8", "surrogateescape")).patterns)
    hits: dict[int, list[bytes]] = {}
    for path in paths:
        decision = matcher.walked(os.fsdecode(path))
        if decision.ignored and decision.pattern is not None:
            hits.setdefault(decision.pattern.line - 1, []).append(path)
    return hits


def _exactly(path: bytes) -> str:
    return _said(_literal(path), widened=True) or "?"
