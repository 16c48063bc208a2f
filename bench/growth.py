"""How time and memory grow with the number of entries."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from bench.answers import checker
from bench.series import HEADER, Contestant, Series, alternate
from bench.synthetic import entry_count, figures_file
from bench.targets import GROWTH_RATIO, Verdict, memory_limit

if TYPE_CHECKING:
    from pathlib import Path

    from bench.run import Run

FILES = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}


def section(run: Run) -> None:
    """Measure the synthetic images, smallest first."""
    print(f"\n{HEADER}")
    ours: dict[str, Series] = {}
    for name, files in FILES.items():
        layout = _image(run, name, files)
        floor: list[str | Path] = [
            sys.executable,
            "-m",
            "bench.floor",
            "gz",
            layout,
            str(entry_count(files)),
        ]
        inspect = run.inspect(f"oci:{layout}:1", "--no-cache")
        contestants = [
            Contestant("floor", floor),
            Contestant(
                "lightship", inspect, check=checker(json.loads(figures_file(layout).read_text()))
            ),
        ]
        have = run.add(alternate(f"entries {name}", contestants, min(run.runs, 3)))
        if "lightship" in have:
            ours[name] = have["lightship"]
            _judge_memory(run, name, files, ours[name])
    if len(ours) == len(FILES):
        _judge_growth(run, ours)


def _image(run: Run, name: str, files: int) -> Path:
    layout = run.work / f"entries-{name}"
    command = [sys.executable, "-m", "bench.synthetic", str(files), str(layout)]
    subprocess.run(command, check=True)
    return layout


def _judge_memory(run: Run, name: str, files: int, ours: Series) -> None:
    limit = memory_limit(entry_count(files)) / 1e6
    run.judge(Verdict(f"entries {name} peak memory", ours.rss / 1e6, "<=", limit, " MB"))


def _judge_growth(run: Run, ours: dict[str, Series]) -> None:
    # Differences, so that the start of the interpreter is in neither.
    low = _added(ours, "10k", "100k")
    high = _added(ours, "100k", "1M")
    run.judge(Verdict("CPU per entry, 100k-1M over 10k-100k", high / low, "<=", GROWTH_RATIO))
    print(f"    microseconds an entry: {low * 1e6:.2f} up to 100k, {high * 1e6:.2f} up to 1M")
    more = entry_count(FILES["1M"]) - entry_count(FILES["100k"])
    each = (ours["1M"].rss - ours["100k"].rss) / more
    print(f"    bytes of memory an entry: {each:.0f} from 100k to 1M")
    run.extra["memory_bytes_per_entry"] = each
    run.extra["microseconds_per_entry"] = {"10k-100k": low * 1e6, "100k-1M": high * 1e6}


def _added(ours: dict[str, Series], low: str, high: str) -> float:
    more = entry_count(FILES[high]) - entry_count(FILES[low])
    return (ours[high].cpu - ours[low].cpu) / more
