"""The difference of two files as a unified diff, which `patch -p1` and `git apply` take."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CONTEXT = 3
# difflib takes the square of this where lines repeat; what is longer is told as one change.
_MOST_LINES = 4_000
_QUOTED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def unified(before: str, after: str, path: str) -> str:
    """The diff, empty for equal texts.

    Args:
        before: the old text.
        after: the new text.
        path: of the file, relative; written as `a/PATH` and `b/PATH`.
    """
    if before == after:
        return ""
    old, new = _lines(before), _lines(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    # Enough of what is equal around the change for the lines that a diff shows of it.
    first, last = max(head - _CONTEXT, 0), max(tail - _CONTEXT, 0)
    hunks = _hunks(old[first : len(old) - last], new[first : len(new) - last], first)
    name = path.removeprefix("./").lstrip("/")
    return "".join((f"--- {_name('a/' + name)}\n", f"+++ {_name('b/' + name)}\n", *hunks))


def _lines(text: str) -> list[str]:
    """With their line feeds; a carriage return is a part of a line."""
    return [line + "\n" for line in text.split("\n")[:-1]] + [
        line for line in text.split("\n")[-1:] if line
    ]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for mine, its in zip(one, other, strict=False):
        if mine != its:
            break
        count += 1
    return count


def _hunks(old: list[str], new: list[str], first: int) -> Iterator[str]:
    if len(old) + len(new) > _MOST_LINES:
        groups = [[("replace", 0, len(old), 0, len(new))]]
    else:
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        groups = [list(group) for group in matcher.get_grouped_opcodes(_CONTEXT)]
    for group in groups:
        _, old_start, _, new_start, _ = group[0]
        _, _, old_end, _, new_end = group[-1]
        yield (
            f"@@ -{_range(first + old_start, old_end - old_start)}"
            f" +{_range(first + new_start, new_end - new_start)} @@\n"
        )
        for kind, i, j, k, m in group:
            yield from _marked(" " if kind == "equal" else "-", old[i:j])
            if kind != "equal":
                yield from _marked("+", new[k:m])


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield mark + line
        if not line.endswith("\n"):
            yield "\n\\ No newline at end of file\n"


def _range(start: int, count: int) -> str:
    """Lines as a hunk's head counts them; an empty range names the line before it."""
    if count == 1:
        return str(start + 1)
    return f"{start + 1 if count else start},{count}"


def _name(path: str) -> str:
    """As git quotes what would not stand on one line."""
    if path.isprintable() and '"' not in path and "\\" not in path:
        return path
    quoted = "".join(_QUOTED.get(char, char) for char in path)
    return f'"{quoted}"'
