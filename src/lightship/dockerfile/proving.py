"""The proof of an edit: read again, the file differs only where it was meant to."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.build import Build
from lightship.dockerfile.editing import apply
from lightship.dockerfile.tree import to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.dockerfile.tree import Dockerfile, Instruction
    from lightship.model.edit import Edit


class Proved(Struct, frozen=True):
    """A file after edits that passed the proof.

    Attributes:
        build: the new file, read.
        touched: positions of the old instructions that the edits are in.
        origins: for each new instruction the old positions it comes from: one for an untouched
            one, for the others the touched ones that stood at their place, else all of them.
    """

    build: Build
    touched: frozenset[int]
    origins: tuple[tuple[int, ...], ...]


def prove(before: Build, edits: Sequence[Edit], *, leaves: int | None = None) -> Proved | str:
    """Make the edits and read the file again.

    Args:
        before: a file without problems.
        edits: of its text.
        leaves: how many instructions there have to be in place of the touched ones; by default as
            many as were touched.

    Returns:
        The new file; or, in a few words, why the edits must not be made: the file would not be
        valid, an instruction that was not meant has changed, a comment is lost, or the shell text
        of a RUN does not parse.
    """
    old = before.dockerfile
    try:
        text = apply(old.text, edits)
    except ValueError as error:
        return str(error)
    after = Build.read(to_bytes(text))
    new = after.dockerfile
    if new.problems:
        return f"line {new.problems[0].line} would be wrong: {new.problems[0].message}"
    if new.directives != old.directives:
        return "a parser directive would change"
    lost = Counter(old.comments()) - Counter(new.comments())
    if lost:
        return f"a comment would be lost: {next(iter(lost))[:60]}"
    touched = frozenset(_touched(old.instructions, edits))
    matched = _matched(old, new, edits, touched)
    if isinstance(matched, str):
        return matched
    expected = len(touched) if leaves is None else leaves
    fresh = len(new.instructions) - len(matched)
    if fresh != expected:
        return f"{fresh} instructions would stand where {expected} are meant"
    known = {step.body.text for step in before.steps if step.body is not None}
    for position, step in enumerate(after.steps):
        if position in matched or step.body is None or step.body.text in known:
            continue
        if step.script is None or not step.script.exact:
            return f"the shell text of line {step.line} would not parse"
    return Proved(after, touched, tuple(_origins(len(new.instructions), matched, touched)))


def _origins(
    count: int, matched: dict[int, int], touched: frozenset[int]
) -> Iterator[tuple[int, ...]]:
    """For each new instruction the old ones that it comes from.

    A new one between two that stayed comes from the touched ones that stood between those.
    """
    ends = [*sorted(matched), count]
    below, old_below = 0, -1
    for end in ends:
        old_end = matched.get(end, count + len(touched) + 1)
        between = tuple(sorted(old for old in touched if old_below < old < old_end))
        if end - below == len(between):
            yield from ((old,) for old in between)
        else:
            yield from ((between or tuple(sorted(touched)),) * (end - below))
        if end in matched:
            yield (old_end,)
        below, old_below = end + 1, old_end


def _touched(instructions: Sequence[Instruction], edits: Sequence[Edit]) -> set[int]:
    """Positions of instructions that edits are in; an insertion before one is not in it."""
    touched = set()
    starts = [one.start for one in instructions]
    for edit in edits:
        first = max(bisect_right(starts, edit.start) - 1, 0)
        for position in range(first, len(instructions)):
            one = instructions[position]
            if one.start > edit.end or (one.start == edit.end and edit.start < edit.end):
                break
            if _is_in(edit, one):
                touched.add(position)
    return touched


def _is_in(edit: Edit, one: Instruction) -> bool:
    if edit.start < edit.end:
        return one.start < edit.end and edit.start < one.end
    # At the end of a file without a final line end an insertion continues the last instruction.
    return one.start < edit.start < one.end or edit.start == one.end == one.text_end


def _matched(
    old: Dockerfile, new: Dockerfile, edits: Sequence[Edit], touched: frozenset[int]
) -> dict[int, int] | str:
    """New position to old position of what was not touched; or which one has changed."""
    ordered = sorted(edits)
    ends = [edit.end for edit in ordered]
    shifts = [0]
    for edit in ordered:
        shifts.append(shifts[-1] + len(edit.replacement) - (edit.end - edit.start))
    at_start = {one.start: position for position, one in enumerate(new.instructions)}
    matched: dict[int, int] = {}
    for position, one in enumerate(old.instructions):
        if position in touched:
            continue
        found = at_start.get(one.start + shifts[bisect_right(ends, one.start)])
        if found is None or not _same(old, one, new, new.instructions[found]):
            return f"line {one.line} would change, which is not meant"
        matched[found] = position
    return matched


def _same(old: Dockerfile, one: Instruction, new: Dockerfile, other: Instruction) -> bool:
    if one.joined.text != other.joined.text or len(one.heredocs) != len(other.heredocs):
        return False
    return all(
        old.text[mine.start : mine.terminator_end] == new.text[its.start : its.terminator_end]
        for mine, its in zip(one.heredocs, other.heredocs, strict=True)
    )
