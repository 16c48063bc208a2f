"""Lines tried on the context: what hits a path that has to stay gives way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.context import Context
from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher
from lightship.context.needs import missing_of, needs_of
from lightship.context.proposing import Proposed, exact_line
from lightship.context.survey import Survey, survey
from lightship.context.uses import all_uses

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lightship.context.proposing import Judge
    from lightship.dockerfile.build import Build

_MOST_ROUNDS = 8
_MOST_INSTEAD = 10


class Settled(Struct, frozen=True):
    """Lines that leave nothing out that has to stay.

    Attributes:
        lines: in their order.
        seen: the context as it is sent with them.
        numbers: of each line in the file that was tried, from 1.
    """

    lines: tuple[Proposed, ...]
    seen: Survey
    numbers: tuple[int, ...]


def look(root: Path, data: bytes) -> Survey:
    """The context as every builder would send it with this ignore file and no Dockerfile.

    Raises:
        OSError: the folder cannot be read.
    """
    context = Context(root)
    context.ignore = read_ignore_file(data)
    return survey(context)


def settle(
    lines: Sequence[Proposed],
    *,
    root: Path,
    judge: Judge,
    builds: Sequence[Build],
    composed: Callable[[Sequence[Proposed]], tuple[bytes, tuple[int, ...]]],
) -> Settled:
    """Drop or narrow lines until none leaves out what has to stay.

    Args:
        lines: to begin with.
        root: of the context.
        judge: of what has to stay.
        builds: Dockerfiles whose COPYs must find what they name.
        composed: makes the file of some lines, and says the number of each.

    Raises:
        OSError: the folder cannot be read.
    """
    needs = tuple(need for build in builds for need in needs_of(root, all_uses(build)))
    alone = read_ignore_file(composed(())[0]).patterns
    lost_anyway = {(one.source, one.path) for one in missing_of(needs, Matcher(alone))}
    current = _narrowed(lines, _first_exceptions(lines), {})
    for _ in range(_MOST_ROUNDS):
        data, numbers = composed(current)
        seen = look(root, data)
        wrong, hits = _wrong(seen, current, numbers, judge)
        for one in missing_of(needs, Matcher(read_ignore_file(data).patterns)):
            if (one.source, one.path) not in lost_anyway and one.pattern.line in numbers:
                wrong.add(numbers.index(one.pattern.line))
        # What one line hits another may have to, once the first gives way.
        idle = _idle(current, hits) if not wrong else set()
        if not wrong and not idle:
            return Settled(current, seen, numbers)
        current = _narrowed(current, wrong | idle, hits)
    # It gets narrower each round, so that this does not come about; a build must not break.
    data, numbers = composed(())
    return Settled((), look(root, data), numbers)


def _wrong(
    seen: Survey, lines: Sequence[Proposed], numbers: tuple[int, ...], judge: Judge
) -> tuple[set[int], dict[int, list[str]]]:
    """Which lines leave out what has to stay, and what else each leaves out."""
    at_line = {number: at for at, number in enumerate(numbers)}
    wrong: set[int] = set()
    hits: dict[int, list[str]] = {}
    for place in seen.places:
        prefix = place.path + "/" if place.path else ""
        for one in place.left_out:
            at = at_line.get(one.pattern.line)
            if at is None:
                continue
            if judge.keeps(prefix + one.name, lines[at].group):
                wrong.add(at)
            else:
                hits.setdefault(at, []).append(prefix + one.name)
    return wrong, hits


def _first_exceptions(lines: Sequence[Proposed]) -> set[int]:
    """Exceptions that no line stands before: they have no effect, but that builders look around."""
    found = set()
    for at, line in enumerate(lines):
        if not line.text.startswith("!"):
            break
        found.add(at)
    return found


def _idle(lines: Sequence[Proposed], hits: dict[int, list[str]]) -> set[int]:
    """Lines that change nothing: git's lists are long, and others may leave out the same."""
    idle = {
        at
        for at, line in enumerate(lines)
        if not line.text.startswith("!") and at not in hits and not line.for_later
    }
    return idle or _first_exceptions(lines)


def _narrowed(
    lines: Sequence[Proposed], wrong: set[int], hits: dict[int, list[str]]
) -> tuple[Proposed, ...]:
    apart = {lines[at].part_of for at in wrong} - {""}
    kept: dict[Proposed, None] = {}
    for at, line in enumerate(lines):
        if at not in wrong:
            if line.part_of not in apart:
                kept[line] = None
        elif not line.is_path and len(hits.get(at, ())) <= _MOST_INSTEAD:
            for path in hits.get(at, ()):
                kept.update(dict.fromkeys(exact_line(line.group, path)))
    return tuple(kept)
