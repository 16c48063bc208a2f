"""Comments that ask not to hear of something: ours, and hadolint's where the codes match.

`# lightship: ignore[package-lists] why` and `# hadolint ignore=DL3009,DL3015` hold for the next
instruction, `# lightship: ignore-file[...]` and `# hadolint global ignore=...` for the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from lightship.dockerfile.tree import Dockerfile

_OURS = re.compile(r"#\s*lightship:\s*ignore(-file)?\s*\[([^\]]*)\]\s*(.*)")
_HADOLINT = re.compile(r"#\s*hadolint\s+(global\s+)?ignore\s*=\s*([A-Za-z0-9, ]+)")


class Pragma(Struct, frozen=True):
    """One comment.

    Attributes:
        names: rules or codes, in lower case.
        line: of the comment, from 1.
        reason: what stands behind it.
        foreign: whether it is hadolint's, which nobody need use.
    """

    names: frozenset[str]
    line: int
    reason: str
    foreign: bool


class Pragmas(Struct, frozen=True):
    """All of a file: for the whole of it, and by an instruction's position."""

    file: tuple[Pragma, ...]
    by_position: dict[int, tuple[Pragma, ...]]

    def found(self, position: int | None, names: frozenset[str]) -> Pragma | None:
        """The first that holds for a rule, under any of its names, at a position."""
        here = self.by_position.get(position, ()) if position is not None else ()
        wanted = {name.lower() for name in names}
        return next((one for one in (*here, *self.file) if one.names & wanted), None)


def pragmas_of(dockerfile: Dockerfile) -> Pragmas:
    """Read the comments between instructions and between an instruction's lines."""
    everywhere: list[Pragma] = []
    by_position: dict[int, tuple[Pragma, ...]] = {}
    waiting: list[Pragma] = []
    position, line = 0, 1
    text = dockerfile.text
    if "ignore" not in text:
        return Pragmas((), {})
    for node in dockerfile.nodes:
        if node.kind == "comment":
            pragma, for_file = pragma_in(text[node.start : node.end], line)
            if pragma is not None:
                (everywhere if for_file else waiting).append(pragma)
        elif node.instruction is not None:
            for span in node.instruction.comments:
                inside = line + text.count("\n", node.start, span.start)
                pragma, for_file = pragma_in(text[span.start : span.end], inside)
                if pragma is not None:
                    (everywhere if for_file else waiting).append(pragma)
            if waiting:
                by_position[position] = tuple(waiting)
                waiting = []
            position += 1
        line += text.count("\n", node.start, node.end)
    return Pragmas(tuple(everywhere), by_position)


def pragma_in(comment: str, line: int) -> tuple[Pragma | None, bool]:
    """What a comment asks for, None for an ordinary one; and whether it is for the whole file."""
    comment = comment.strip()
    if ours := _OURS.match(comment):
        names = frozenset(name.strip().lower() for name in ours[2].split(",") if name.strip())
        return Pragma(names, line, ours[3].strip(), foreign=False), bool(ours[1])
    if theirs := _HADOLINT.match(comment):
        names = frozenset(re.split(r"[, ]+", theirs[2].strip().lower()))
        return Pragma(names, line, "", foreign=True), bool(theirs[1])
    return None, False
