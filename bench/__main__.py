"""``python -m bench``: every figure the project promises, measured in one run.

The images come from ``python -m bench.images``; what is missing is left out. A missed target is
printed and recorded, and never fails the run.
"""

from __future__ import annotations

import argparse
import compileall
import datetime as dt
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import lightship
from bench import (
    bases,
    cached,
    compression,
    contexts,
    explained,
    growth,
    linted,
    registry,
    rewriting,
    side_by_side,
    startup,
)
from bench.cases import FORMS
from bench.machine import describe
from bench.peers import install_missing
from bench.places import IMAGE_NAMES, RESULTS, bench_dir
from bench.run import Run, load_average

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SECTIONS: dict[str, Callable[[Run], None]] = {
    "startup": startup.section,
    "images": side_by_side.section,
    "registry": registry.section,
    "cache": cached.section,
    "explain": explained.section,
    "growth": growth.section,
    "lint": linted.section,
    "contexts": contexts.section,
    "compression": compression.section,
    "rewriting": rewriting.section,
    "bases": bases.section,
}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    add = parser.add_argument
    add("--only", nargs="+", choices=list(SECTIONS), default=list(SECTIONS), help="these sections")
    add("--image", nargs="+", choices=IMAGE_NAMES, default=list(IMAGE_NAMES), help="these images")
    add("--form", nargs="+", choices=FORMS, default=list(FORMS), help="these forms")
    add("--runs", type=int, default=5, help="runs of each contestant (default 5)")
    add("--all", action="store_true", help="slow peers on larger images, too: takes long")
    add("--into", type=Path, default=bench_dir(), metavar="DIR", help="where the images are")
    beside = Path(sys.executable).parent / "lightship"
    add("--lightship", type=Path, default=beside, metavar="FILE", help="the program to measure")
    add("--save", metavar="WHAT", help="record as bench/results/DATE-WHAT.json")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen sections and write the record; 1 if a program could not be run."""
    options = _options(arguments)
    install_missing()
    # As pip does when it installs: a checkout may never have been allowed to keep its bytecode.
    compileall.compile_dir(str(Path(lightship.__file__).parent), quiet=1)
    run = Run(
        root=options.into.resolve(),
        lightship=options.lightship,
        images=options.image,
        forms=options.form,
        runs=options.runs,
        everything=options.all,
    )
    loads = [load_average()]
    for name in options.only:
        SECTIONS[name](run)
        loads.append(load_average())
    target = _write(run, options.save, loads)
    failed = [series for series in run.series if series.failure is not None]
    passed = sum(verdict.passed for verdict in run.verdicts)
    print(f"\n{passed} of {len(run.verdicts)} targets met; all figures: {target}")
    return 1 if failed else 0


def _write(run: Run, what: str | None, loads: list[float]) -> Path:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    record = {
        "schema": "lightship.bench/1",
        "date": now,
        "machine": describe(),
        "load_average": loads,
        "series": [series.as_json() for series in run.series],
        "verdicts": [{**asdict(one), "passed": one.passed} for one in run.verdicts],
        "figures": run.extra,
    }
    target = run.root / "latest.json"
    if what:
        RESULTS.mkdir(exist_ok=True)
        target = RESULTS / f"{now[:10]}-{what}.json"
    target.write_text(json.dumps(record, indent=1) + "\n")
    return target


if __name__ == "__main__":
    raise SystemExit(main())
