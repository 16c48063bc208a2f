"""Whether a pattern is well formed, as far as Docker checks: `filepath.Match(pattern, ".")`.

Source: Go's path/filepath, `Match` on Unix, as of Go 1.27. It reads a pattern only up to where it
cannot match: what stands behind that is not checked.
"""

from __future__ import annotations

from typing import NamedTuple

from lightship.context.go_text import has_invalid_bytes


class _MalformedError(ValueError):
    """What is wrong, in a few words."""


class _Member(NamedTuple):
    """A character in a class, and where it ends."""

    character: str
    end: int


def syntax_fault(glob: str) -> str | None:
    """Why `filepath.Match` takes no such pattern, in a few words; None if it does."""
    try:
        _check(glob)
    except _MalformedError as problem:
        return str(problem)
    return None


def _check(glob: str) -> None:
    name = "."
    position = 0
    while position < len(glob):
        begin = position
        while glob.startswith("*", position):
            position += 1
        end = _chunk_end(glob, position)
        chunk = glob[position:end]
        if not chunk:
            return
        left = _left(chunk, name)
        if left and end == len(glob):
            left = None
        if left is None and position > begin and name:
            left = _left(chunk, "")
        if left is None:
            return
        name = left
        position = end


def _chunk_end(glob: str, position: int) -> int:
    """Where the next `*` outside of `[...]` stands."""
    in_class = False
    while position < len(glob):
        letter = glob[position]
        if letter == "*" and not in_class:
            return position
        if letter in "[]":
            in_class = letter == "["
        position += 2 if letter == "\\" else 1
    return len(glob)


def _left(chunk: str, name: str) -> str | None:
    """What of a name is left when a chunk has matched its beginning; None if it does not."""
    position = 0
    matches = True
    while position < len(chunk):
        letter = chunk[position]
        matches = matches and name != ""
        first, name = name[:1], name[1:]
        position += 1
        if letter == "[":
            holds, position = _class(chunk, position, first)
            matches = matches and holds
        elif letter == "\\":
            if position == len(chunk):
                raise _MalformedError("ends with a lone \\")
            matches = matches and first == chunk[position]
            position += 1
        else:
            matches = matches and letter in ("?", first)
    return name if matches else None


def _class(chunk: str, position: int, first: str) -> tuple[bool, int]:
    """Whether a class holds a character, and where it ends; its `[` stands before."""
    is_negated = chunk.startswith("^", position)
    position += is_negated
    begin = position
    holds = False
    while position == begin or not chunk.startswith("]", position):
        low = high = _member(chunk, position)
        if chunk.startswith("-", low.end):
            high = _member(chunk, low.end + 1)
        holds = holds or low.character <= first <= high.character
        position = high.end
    return holds != is_negated, position + 1


def _member(chunk: str, position: int) -> _Member:
    if chunk.startswith(("-", "]"), position):
        raise _MalformedError(f"has {chunk[position]} where [...] needs a character")
    position += chunk.startswith("\\", position)
    character = chunk[position : position + 1]
    if has_invalid_bytes(character):
        raise _MalformedError("has a byte in [...] that is no UTF-8")
    if position + 1 >= len(chunk):
        raise _MalformedError("has a [ without its ]")
    return _Member(character, position + 1)
