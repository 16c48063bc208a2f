"""The difference of two files as a unified diff, which `patch -p1` and `git apply` take."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_Code = tuple[str, int, int, int, int]
"""`equal` or another kind; from and to in the old lines, from and to in the new ones."""
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
    hunks = _hunks(old, new, _codes(old, new, head, tail))
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


def _codes(old: list[str], new: list[str], head: int, tail: int) -> list[_Code]:
    """What is equal and what is not, with the lines of context around the first and last change."""
    old_end, new_end = len(old) - tail, len(new) - tail
    before, behind = min(head, _CONTEXT), min(tail, _CONTEXT)
    if old_end - head + new_end - head > _MOST_LINES:
        changed: list[_Code] = [("replace", head, old_end, head, new_end)]
    else:
        # Only of what differs: of lines that repeat, difflib may choose others than head and tail.
        matcher = difflib.SequenceMatcher(
            None, old[head:old_end], new[head:new_end], autojunk=False
        )
        changed = [
            (kind, head + i, head + j, head + k, head + m)
            for kind, i, j, k, m in matcher.get_opcodes()
        ]
    return [
        ("equal", head - before, head, head - before, head),
        *changed,
        ("equal", old_end, old_end + behind, new_end, new_end + behind),
    ]


def _grouped(codes: list[_Code]) -> Iterator[list[_Code]]:
    """Apart where more is equal than two hunks show of it."""
    group: list[_Code] = []
    for kind, i, j, k, m in codes:
        if kind == "equal" and j - i > 2 * _CONTEXT:
            yield [*group, (kind, i, i + _CONTEXT, k, k + _CONTEXT)]
            group = [(kind, j - _CONTEXT, j, m - _CONTEXT, m)]
        else:
            group.append((kind, i, j, k, m))
    yield group


def _hunks(old: list[str], new: list[str], codes: list[_Code]) -> Iterator[str]:
    for group in _grouped(codes):
        _, old_start, _, new_start, _ = group[0]
        _, _, old_end, _, new_end = group[-1]
        yield (
            f"@@ -{_range(old_start, old_end - old_start)}"
            f" +{_range(new_start, new_end - new_start)} @@\n"
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
