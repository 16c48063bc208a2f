"""Edits of instructions that keep every comment and the file's own style.

Each function returns edits of the file for a change of an instruction's joined text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.model.edit import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.dockerfile.tree import Dockerfile, Instruction, Joined

_INDENT = re.compile(r"[ \t]*")


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; insertions at one place in their given order.

    Raises:
        ValueError: two overlap, or one lies outside the text.
    """
    parts: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        if not position <= edit.start <= edit.end <= len(text):
            raise ValueError(f"edits overlap or lie outside: {edit.start}")
        parts += [text[position : edit.start], edit.replacement]
        position = edit.end
    return "".join((*parts, text[position:]))


def inserted(joined: Joined, offset: int, replacement: str) -> Edit:
    """Insert behind the character before `offset` of the joined text."""
    place = joined.source_end(offset)
    return Edit(place, place, replacement)


def replaced(joined: Joined, start: int, end: int, replacement: str) -> tuple[Edit, ...]:
    """Replace a range of the joined text; what joins its lines, and comments, stay.

    The replacement stands where the range began.
    """
    edits = []
    for at, (piece_start, piece_end) in enumerate(pieces(joined, start, end)):
        edits.append(Edit(piece_start, piece_end, "" if at else replacement))
    return tuple(edits)


def pieces(joined: Joined, start: int, end: int) -> list[tuple[int, int]]:
    """The ranges of the file that a range of the joined text came from, in order."""
    found = []
    following = (*joined.starts[1:], len(joined.text))
    for piece, source, piece_end in zip(joined.starts, joined.sources, following, strict=True):
        low, high = max(piece, start), min(piece_end, end)
        if low < high:
            found.append((source + low - piece, source + high - piece))
    return found


def removed(dockerfile: Dockerfile, joined: Joined, start: int, end: int) -> tuple[Edit, ...]:
    """Take a range out of the joined text, and with it lines on which nothing else stands.

    Not for a range that reaches the end of the instruction, where the line before is continued.
    """
    text = dockerfile.text
    edits = []
    for low, high in pieces(joined, start, end):
        line_start = text.rfind("\n", 0, low) + 1
        line_end = text.find("\n", high) + 1 or len(text)
        around = text[line_start:low] + text[high:line_end]
        if around.strip() == dockerfile.escape:
            edits.append(Edit(line_start, line_end, ""))
        else:
            edits.append(Edit(low, high, ""))
    return tuple(edits)


def appended(dockerfile: Dockerfile, instruction: Instruction, addition: str) -> Edit:
    """Add to the end of the joined text, on a line of its own if the instruction has several.

    Args:
        dockerfile: the file.
        instruction: to add to; without here-documents.
        addition: such as `&& rm -rf /var/lib/apt/lists/*`.
    """
    text, place = dockerfile.text, instruction.text_end
    line_start = text.rfind("\n", 0, place) + 1
    if line_start <= instruction.start:
        return Edit(place, place, f" {addition}")
    indent = _INDENT.match(text, line_start)
    blanks = indent[0] if indent else ""
    return Edit(place, place, f" {dockerfile.escape}{dockerfile.newline}{blanks}{addition}")


def without(dockerfile: Dockerfile, instruction: Instruction) -> tuple[Edit, ...]:
    """Take a whole instruction out; comment lines inside it stay, as lines of their own."""
    lines = [dockerfile.text[span.start : span.end].strip() for span in instruction.comments]
    newline = dockerfile.newline
    return (Edit(instruction.start, instruction.end, "".join(line + newline for line in lines)),)
