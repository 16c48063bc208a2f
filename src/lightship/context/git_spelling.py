"""A pattern of a `.gitignore` in the words of a `.dockerignore`.

A byte is a byte for git, and a part of a character for Docker; so sets of bytes become classes only
as far as they mean whole characters.

Sources: gitignore(5); github.com/moby/patternmatcher at 5a6d842 (2026-03-24).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.context.git_matching import Mark, One, spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.context.git_matching import GitPattern, Token

_ASCII = frozenset(range(0x20, 0x7F)) - {ord("/")}
_PLAIN = frozenset(
    b"-_.,~@%=:;'\"#!&<>` abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)


def is_elsewhere(pattern: GitPattern, prefix: bytes) -> bool:
    """Whether it is about another folder of the repository; see `line_of`."""
    return bool(pattern.tokens) and _from_root(pattern, prefix) is None


def line_of(pattern: GitPattern, prefix: bytes) -> str | None:
    """The line of a pattern; None for one that cannot be said, or is about another folder.

    Args:
        pattern: of a file of git's.
        prefix: of the folder, from the top of its repository, with `/` at its end if it has any.
    """
    tokens = _from_root(pattern, prefix)
    glob = _said(tokens, widened=pattern.is_exception) if tokens is not None else None
    if tokens is None or glob is None:
        return None
    only_within = pattern.is_exception or tokens[-1] in (Mark.STAR, Mark.REST)
    if pattern.only_directories and only_within:
        glob += "/**"
    return f"!{_guarded(glob)}" if pattern.is_exception else _guarded(glob)


def line_to_let_in(path: bytes) -> str:
    """The exception for one path."""
    return f"!{_guarded(_said(_literal(path), widened=True) or '?')}"


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
