"""What explaining an image costs: packages, categories, wire shares, and what the rules add."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from bench.answers import checker
from bench.series import HEADER, Contestant, alternate
from bench.synthetic import figures_file
from bench.targets import EXPLAINED_CPU_SECONDS, EXPLAINED_RATIO, Verdict

if TYPE_CHECKING:
    from bench.run import Run

FILES = 230_000


def section(run: Run) -> None:
    """Measure every chosen image read anew, and one of 230,000 files from the cache."""
    print(f"\n{HEADER}")
    for case in run.cases():
        case.warm()
        check = checker(case.counted)
        bare = [sys.executable, "-m", "bench.unexplained", case.reference]
        contestants = [
            Contestant("measured", bare, check=check),
            Contestant("explained", [*bare, "--explained"], check=check),
            Contestant("inspect", run.inspect(case.reference, "--no-cache"), check=check),
        ]
        have = run.add(alternate(f"explain {case.name}", contestants, run.runs))
        if len(have) == len(contestants):
            measured = have["measured"].cpu
            ratio = have["explained"].cpu / measured
            what = f"{case.name} with packages, categories, wire shares, CPU over without"
            run.judge(Verdict(what, ratio, "<=", EXPLAINED_RATIO))
            rules = have["inspect"].cpu - have["explained"].cpu
            print(f"    {case.name}: rules and report {rules:.2f} CPU s more")
            run.extra[f"{case.name} rules_cpu_seconds"] = rules
    _from_the_cache(run)


def _from_the_cache(run: Run) -> None:
    layout = run.work / "entries-230k"
    subprocess.run([sys.executable, "-m", "bench.synthetic", str(FILES), str(layout)], check=True)
    cache = run.work / "cache-explained"
    shutil.rmtree(cache, ignore_errors=True)
    own = {"LIGHTSHIP_CACHE_DIR": str(cache)}
    command = run.inspect(f"oci:{layout}:1")
    check = checker(json.loads(figures_file(layout).read_text()))
    first = Contestant("first run", command, own, check=check)
    run.add(alternate("explain 230k", [first], 1))
    again = Contestant("from the cache", command, own, check=check)
    have = run.add(alternate("explain 230k", [again], run.runs))
    if "from the cache" in have:
        cpu = have["from the cache"].cpu
        what = "230,000 files explained from the cache, CPU"
        run.judge(Verdict(what, cpu, "<=", EXPLAINED_CPU_SECONDS, " s"))
    shutil.rmtree(cache, ignore_errors=True)
