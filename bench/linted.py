"""What linting a Dockerfile costs, beside hadolint and tally.

The files come from the folder that LIGHTSHIP_CORPUS names. Up to a thousand that every contestant
can read are copied, each as a plain `Dockerfile` in a folder of its own: tally reads no other names
and no executable files.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from bench.places import RECIPES
from bench.series import HEADER, Contestant, Series, alternate
from bench.targets import LINT_CPU_SECONDS, LINT_WALL_SECONDS, Verdict
from bench.tools import find_tool
from lightship.dockerfile.build import Build

if TYPE_CHECKING:
    from bench.run import Run

MOST_FILES = 1_000
_COMMANDS = {
    "lightship": ("lint", "--exit-zero", "--format", "json"),
    "hadolint": ("--no-fail", "--format", "json"),
    "tally": ("lint", "--fail-level", "none", "--slow-checks", "off", "--format", "json"),
}


def section(run: Run) -> None:
    """Measure one file with start-up, and what each further file adds."""
    print(f"\n{HEADER}")
    folder = run.work / "linted"
    shutil.rmtree(folder, ignore_errors=True)
    single = _copied(folder / "single", [RECIPES / "medium.containerfile"])
    alone = run.add(alternate("lint 1 file", _contestants(run, single), max(run.runs, 10)))
    if "lightship" in alone:
        what = "lint of one file with start-up, median wall"
        run.judge(Verdict(what, alone["lightship"].wall, "<=", LINT_WALL_SECONDS, " s"))
    named = os.environ.get("LIGHTSHIP_CORPUS")
    if not named:
        print("    LIGHTSHIP_CORPUS names no folder of Dockerfiles: only one file is linted")
        return
    files = _copied(folder / "many", _chosen(Path(named)))
    together = alternate(f"lint {len(files):,}", _contestants(run, files), min(run.runs, 3))
    _judge(run, alone, run.add(together), len(files))
    shutil.rmtree(folder, ignore_errors=True)


def _judge(run: Run, alone: dict[str, Series], together: dict[str, Series], number: int) -> None:
    """CPU time a file, without what the start takes."""
    for who in together.keys() & alone.keys():
        each = (together[who].cpu - alone[who].cpu) / (number - 1)
        run.extra[f"lint cpu_seconds_a_file {who}"] = each
        if who == "lightship":
            what = "lint of a file after start-up, CPU"
            run.judge(Verdict(what, each * 1000, "<=", LINT_CPU_SECONDS * 1000, " ms"))
        else:
            print(f"    {who}: {each * 1000:.2f} ms of CPU a file")


def _contestants(run: Run, files: list[Path]) -> list[Contestant]:
    programs = {"lightship": run.lightship}
    for peer in ("hadolint", "tally"):
        if tool := find_tool(peer):
            programs[peer] = Path(tool)
    return [Contestant(who, [tool, *_COMMANDS[who], *files]) for who, tool in programs.items()]


def _chosen(corpus: Path) -> list[Path]:
    """Files without faults, evenly from the whole folder."""
    found = sorted(path for path in corpus.rglob("*") if path.is_file())
    valid = [path for path in found if not _problems(path)]
    return valid[:: max(1, -(-len(valid) // MOST_FILES))]


def _problems(path: Path) -> bool:
    build = Build.read(path.read_bytes())
    return build.is_template or bool(build.dockerfile.problems)


def _copied(into: Path, files: list[Path]) -> list[Path]:
    copies = []
    for number, file in enumerate(files):
        copy = into / f"{number:04}" / "Dockerfile"
        copy.parent.mkdir(parents=True)
        copy.write_bytes(file.read_bytes())
        copy.chmod(stat.S_IRUSR | stat.S_IWUSR)
        copies.append(copy)
    return copies
