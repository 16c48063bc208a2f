"""What walking a build context of 200,000 files costs, beside a bare walk and docker-py.

Each walker runs in a process of its own and tells its own CPU seconds: what starting Python and
importing cost is in neither. Peak memory is the whole process's.
"""

from __future__ import annotations

import importlib.util
import json
import statistics
import sys
from typing import TYPE_CHECKING

from bench.context_tree import IGNORE_FILES, make
from bench.series import HEADER, Contestant, alternate
from bench.targets import CONTEXT_MEMORY_BYTES, CONTEXT_RATIO, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from bench.run import Run


def section(run: Run) -> None:
    """Measure each ignore file."""
    folder = make(run.root / "context")
    print(f"\n{HEADER}")
    for name, text in IGNORE_FILES.items():
        ignore_file = run.work / f"{name}.dockerignore"
        ignore_file.write_text(text)
        _measure(run, name, folder, ignore_file)


def _measure(run: Run, name: str, folder: Path, ignore_file: Path) -> None:
    clocks = {who: _Clock() for who in _walkers()}
    contestants = [
        Contestant(
            who,
            [sys.executable, "-m", "bench.context_walkers", who, folder, ignore_file],
            check=clock.read,
        )
        for who, clock in clocks.items()
    ]
    have = run.add(alternate(f"context {name}", contestants, max(run.runs, 5)))
    took = {who: clocks[who].median for who in have}
    for who, seconds in took.items():
        run.extra[f"context {name} cpu_seconds {who}"] = seconds
    told = ", ".join(f"{who} {seconds:.3f}" for who, seconds in took.items())
    print(f"    context {name}, the walk alone, CPU s: {told}")
    if not {"bare", "walk", "survey"} <= took.keys():
        return
    if len({tuple(clocks[who].answer.items()) for who in ("bare", "walk", "survey")}) != 1:
        have["walk"].failure = "another answer than the bare walk's"
        return
    ratio = took["walk"] / took["bare"]
    run.judge(Verdict(f"context {name} walk/bare", ratio, "<=", CONTEXT_RATIO))
    print(f"    context {name} survey/bare: {took['survey'] / took['bare']:.2f}")
    if "docker-py" in took:
        less = took["docker-py"] / took["walk"]
        run.judge(Verdict(f"context {name} docker-py/walk", less, ">=", 1))
    memory, most = have["survey"].rss / 1e6, CONTEXT_MEMORY_BYTES / 1e6
    run.judge(Verdict(f"context {name} survey, peak memory", memory, "<=", most, " MB"))


def _walkers() -> list[str]:
    known = ["bare", "walk", "survey"]
    return [*known, "docker-py"] if importlib.util.find_spec("docker") else known


class _Clock:
    """What a walker says of itself, run by run."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.answer: dict[str, int] = {}

    def read(self, output: bytes) -> str | None:
        """Take one run's figures; what is wrong with them, or None."""
        told = json.loads(output)
        self.seconds.append(told.pop("cpu"))
        if self.answer and told != self.answer:
            return f"another answer than before: {told}"
        self.answer = told
        return None

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)
