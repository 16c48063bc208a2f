"""Whether a pattern is well formed: the check every builder makes first.

Source: Go's path/filepath, `Match`: here only whether it fails, which no name changes.
"""

from __future__ import annotations

from lightship.context.go_text import has_invalid_bytes


def syntax_fault(glob: str) -> str | None:
    """Why `filepath.Match` takes no such pattern, in a few words; None if it does."""
    position = 0
    while position < len(glob):
        letter = glob[position]
        position += 1
        if letter == "\\":
            if position == len(glob):
                return "ends with a lone \\"
            position += 1
        elif letter == "[":
            after = _after_class(glob, position)
            if isinstance(after, str):
                return after
            position = after
    return None


def _after_class(glob: str, position: int) -> int | str:
    """Where a class ends whose `[` stands before; or what is wrong with it."""
    position += glob.startswith("^", position)
    members = 0
    while not (members and glob.startswith("]", position)):
        after = _after_member(glob, position)
        if isinstance(after, int) and glob.startswith("-", after):
            after = _after_member(glob, after + 1)
        if isinstance(after, str):
            return after
        position = after
        members += 1
    return position + 1


def _after_member(glob: str, position: int) -> int | str:
    if glob.startswith(("-", "]"), position):
        return f"has {glob[position]} where [...] needs a character"
    position += glob.startswith("\\", position)
    if has_invalid_bytes(glob[position : position + 1]):
        return "has a byte in [...] that is no UTF-8"
    if position + 1 >= len(glob):
        return "has a [ without its ]"
    return position + 1
