"""Several runs of several contestants, in turn, and what they add up to."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from bench.measured import run_measured

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


def _nothing() -> None:
    """Prepare nothing."""


def _anything(_: bytes) -> None:
    """Take any answer."""


@dataclass(frozen=True)
class Contestant:
    """Who runs, with which command; ``most_runs`` bounds a slow peer.

    ``check`` returns what is wrong with the output, or None.
    """

    who: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] = _nothing
    check: Callable[[bytes], str | None] = _anything
    most_runs: int = 100


@dataclass
class Series:
    """The figures of one contestant on one case, one item a run."""

    case: str
    who: str
    cpu_seconds: list[float] = field(default_factory=list)
    wall_seconds: list[float] = field(default_factory=list)
    max_rss_bytes: list[int] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    failure: str | None = None

    @property
    def cpu(self) -> float:
        """The median of the CPU seconds."""
        return statistics.median(self.cpu_seconds)

    @property
    def wall(self) -> float:
        """The median of the wall seconds."""
        return statistics.median(self.wall_seconds)

    @property
    def rss(self) -> int:
        """The largest peak of memory, in bytes."""
        return max(self.max_rss_bytes)

    def as_json(self) -> dict[str, Any]:
        """Return all figures with plain keys."""
        return asdict(self)

    def line(self) -> str:
        """Return one line of the table."""
        if self.failure is not None:
            reason = self.failure.strip().splitlines()[-1:] or [""]
            return f"{self.case:<14} {self.who:<18} FAILED: {reason[0][:120]}"
        cpu = "/".join(_short(number) for number in _spread(self.cpu_seconds))
        wall = "/".join(_short(number) for number in _spread(self.wall_seconds))
        rss = f"{self.rss / 1e6:.0f}" if self.max_rss_bytes else "-"
        return f"{self.case:<14} {self.who:<18} {cpu:>22} {wall or '-':>22} {rss:>8}"


HEADER = (
    f"{'case':<14} {'who':<18} {'CPU s min/med/max':>22} {'wall s min/med/max':>22} {'RSS MB':>8}"
)


def _spread(numbers: list[float]) -> list[float]:
    if not numbers:
        return []
    return [min(numbers), statistics.median(numbers), max(numbers)]


def _short(number: float) -> str:
    return f"{number:.3f}" if number < 1 else f"{number:.2f}"


def alternate(case: str, contestants: Sequence[Contestant], runs: int) -> dict[str, Series]:
    """Run the contestants A B C, A B C...: what else the machine does then hits all of them."""
    all_series = {one.who: Series(case, one.who) for one in contestants}
    for turn in range(runs):
        for one in contestants:
            series = all_series[one.who]
            if turn < one.most_runs and series.failure is None:
                _run_once(one, series)
    for series in all_series.values():
        print(series.line(), flush=True)
    return all_series


def _run_once(one: Contestant, series: Series) -> None:
    one.prepare()
    usage = run_measured(one.command, one.environment)
    if usage.exit_code != 0:
        series.failure = f"exit code {usage.exit_code}: {usage.stderr_tail}"
        return
    series.failure = one.check(usage.stdout)
    if series.failure is not None:
        return
    if one.who == "floor":
        # Its own clock, without the start of the interpreter and the choice of the reader.
        parts = json.loads(usage.stdout)
        series.cpu_seconds.append(parts["floor"])
        series.details.setdefault("parts", []).append(parts)
        return
    series.cpu_seconds.append(usage.cpu_seconds)
    series.wall_seconds.append(usage.wall_seconds)
    series.max_rss_bytes.append(usage.max_rss_bytes)
