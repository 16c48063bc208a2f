"""What a RUN takes away or changes of what an earlier RUN of its stage left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.dockerfile.merging import merge_all
from lightship.rules.smell import Fix
from lightship.rules.traces import takes, traces_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.dockerfile.build import Build, Step
    from lightship.dockerfile.stages import Stage
    from lightship.rules.traces import Trace

_MOST_RUNS = 3
_MOST_LEFT = 200
_HOW_MANY_NAMES = 3


class Undone(Struct, frozen=True):
    """Something of an earlier RUN that a later one has to do with.

    Attributes:
        earlier: the RUN that left it.
        left: what and by which command.
        later: the RUN.
        trace: what the later one does to it.
    """

    earlier: Step
    left: Trace
    later: Step
    trace: Trace


def removed_later(build: Build, stage: Stage) -> Iterator[Undone]:
    """What each RUN removes of what an earlier one left, and did not write again itself."""
    return _undone(build, stage, removes=True)


def changed_later(build: Build, stage: Stage) -> Iterator[Undone]:
    """What each RUN changes (mode, owner, place, symbols) of what an earlier one left."""
    return _undone(build, stage, removes=False)


def _undone(build: Build, stage: Stage, *, removes: bool) -> Iterator[Undone]:
    left: list[tuple[Step, Trace]] = []
    for step in build.runs(stage):
        traces = traces_of(step)
        for trace in traces.removed if removes else traces.changed:
            own = any(
                takes(trace.path, mine.path) and mine.command.start < trace.command.start
                for mine in traces.written
            )
            for earlier, one in () if own else left:
                same = one.path in (trace.path, f"{trace.path}/*")
                if takes(trace.path, one.path) if removes else same:
                    yield Undone(earlier, one, step, trace)
        left = [
            (earlier, one)
            for earlier, one in left
            if not any(takes(gone.path, one.path) for gone in traces.removed)
        ]
        left += [(step, one) for one in traces.left()]
        left = left[-_MOST_LEFT:]


def joined(build: Build, earlier: Step, later: Step) -> Fix | str:
    """A fix that makes one RUN of two and of those between; or why there is none."""
    between = build.steps[earlier.position + 1 : later.position]
    if any(step.fixed_reason for step in (earlier, later)):
        return earlier.fixed_reason or later.fixed_reason or ""
    runs = 2 + sum(step.keyword == "RUN" for step in between)
    if runs > _MOST_RUNS:
        return f"{runs - 2} other RUNs stand between them"
    made = merge_all(build, earlier, later)
    if isinstance(made, str):
        return made
    return Fix(
        title="make one RUN of them" if runs > 2 else "make one RUN of the two",
        tier="safe",
        edits=made.edits,
        leaves=made.leaves,
    )


def named(traces: list[Trace]) -> str:
    """The paths and packages in a few words."""
    names = list(dict.fromkeys(trace.path.removeprefix("package:") for trace in traces))
    names = [name.removesuffix("/*")[:60] for name in names]
    more = len(names) - _HOW_MANY_NAMES
    if more > 0:
        return ", ".join(names[:_HOW_MANY_NAMES]) + f" and {more} more"
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
