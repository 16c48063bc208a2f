"""Wildcards in one path component, as Go's filepath.Match reads them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WILD = re.compile(r"(?:[^\\*?\[]|\\.?)*[*?\[]", re.DOTALL)


def has_wildcards(name: str) -> bool:
    """Whether there is a `*`, `?` or `[` without a backslash before it."""
    return _WILD.match(name) is not None


@lru_cache(maxsize=4096)
def component(pattern: str) -> re.Pattern[str] | None:
    """What matches the names that a pattern without `/` matches; None for one Go refuses.

    Its `match` takes the whole name. It takes no longer than the name is long, times the pattern:
    what stands between two `*` is looked for once, from the left.
    """
    try:
        chunks = [*_chunks(pattern)]
    except ValueError:
        return None
    first, *others = chunks
    if not others:
        return re.compile(first + r"\Z", re.DOTALL)
    middle = "".join(f"(?>[^/]*?{chunk})" for chunk in others[:-1] if chunk)
    return re.compile(rf"{first}{middle}[^/]*{others[-1]}\Z", re.DOTALL)


def _chunks(pattern: str) -> Iterator[str]:
    """The parts between `*`, each of a fixed length, as regular expressions."""
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            yield "".join(parts)
            parts.clear()
        elif char == "?":
            parts.append("[^/]")
        elif char == "[":
            taken, at = _class(pattern, at)
            parts.append(taken)
        elif char == "\\":
            literal, at = _literal(pattern, at - 1)
            parts.append(re.escape(literal))
        else:
            parts.append(re.escape(char))
    yield "".join(parts)


def _class(pattern: str, at: int) -> tuple[str, int]:
    """A class behind its `[`, and where it ends."""
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[str] = []
    is_first = True
    while is_first or not pattern.startswith("]", at):
        is_first = False
        low, at = _bound(pattern, at)
        high = low
        if pattern.startswith("-", at):
            high, at = _bound(pattern, at + 1)
        if low <= high:
            ranges.append(f"{re.escape(low)}-{re.escape(high)}")
    if not ranges:
        return ("." if negated else "(?!)"), at + 1
    return f"[{'^' if negated else ''}{''.join(ranges)}]", at + 1


def _bound(pattern: str, at: int) -> tuple[str, int]:
    char = pattern[at : at + 1]
    if not char or char in "-]":
        raise ValueError(pattern)
    low, at = _literal(pattern, at)
    if at >= len(pattern):
        raise ValueError(pattern)
    return low, at


def _literal(pattern: str, at: int) -> tuple[str, int]:
    """One character, with a backslash before it or not, and where it ends."""
    if pattern[at] != "\\":
        return pattern[at], at + 1
    if at + 1 == len(pattern):
        raise ValueError(pattern)
    return pattern[at + 1], at + 2
