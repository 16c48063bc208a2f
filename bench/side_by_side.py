"""Each image in each form: the floor, lightship and the peers, in turn."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from bench.answers import checker
from bench.series import HEADER, Contestant, Series, alternate
from bench.targets import FLOOR_RATIO, PEER_RATIO, Verdict, memory_limit
from bench.tools import find_tool

if TYPE_CHECKING:
    from pathlib import Path

    from bench.cases import Case
    from bench.run import Run

#: dive takes minutes on everything but the small image, skopeo on the large one.
SLOW_RUNS = 3


def section(run: Run) -> None:
    """Measure every chosen image."""
    print(f"\n{HEADER}")
    for case in run.cases():
        case.warm()
        contestants = [floor_of(case), lightship_of(run, case), *_peers(run, case)]
        have = run.add(alternate(case.name, contestants, run.runs))
        _clear(run)
        _judge(run, case, have)


def floor_of(case: Case) -> Contestant:
    """Return the machine's floor for measuring this image."""
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "bench.floor",
        case.form,
        case.path,
        str(case.entries),
    ]
    return Contestant("floor", command)


def lightship_of(run: Run, case: Case) -> Contestant:
    """Return lightship on this image's files, without a cache."""
    command = run.inspect(case.reference, "--no-cache")
    return Contestant("lightship", command, check=checker(case.counted))


def _peers(run: Run, case: Case) -> list[Contestant]:
    peers = []
    dive = find_tool("dive")
    if case.form == "docker" and dive and case.image in _wide(run, ["small"], ["medium"]):
        target = run.work / "dive.json"
        # With CI set, dive opens no screen.
        command: list[str | Path] = [dive, f"docker-archive://{case.path}", "--json", target]
        peers.append(Contestant("dive", command, {"CI": "true"}, most_runs=SLOW_RUNS))
    skopeo = find_tool("skopeo")
    if skopeo and case.image in _wide(run, ["small", "medium"], ["large"]):
        kind = "oci" if case.form == "docker" else "dir"
        target = run.work / f"skopeo-{kind}"
        destination = f"oci:{target}:1" if kind == "oci" else f"dir:{target}"
        command = [skopeo, "--insecure-policy", "copy", "-q", case.reference, destination]
        peers.append(
            Contestant(
                f"skopeo to {kind}",
                command,
                {"TMPDIR": str(run.work)},
                lambda: shutil.rmtree(target, ignore_errors=True),
                most_runs=SLOW_RUNS,
            )
        )
    return peers


def _clear(run: Run) -> None:
    for path in run.work.glob("skopeo-*"):
        shutil.rmtree(path)
    (run.work / "dive.json").unlink(missing_ok=True)


def _wide(run: Run, always: list[str], on_request: list[str]) -> list[str]:
    return [*always, *on_request] if run.everything else always


def _judge(run: Run, case: Case, have: dict[str, Series]) -> None:
    ours = have.get("lightship")
    if ours is None:
        return
    name = case.name
    if "floor" in have:
        _print_parts(name, have["floor"])
        ratio = ours.cpu / have["floor"].cpu
        run.judge(Verdict(f"{name} lightship/floor", ratio, "<=", FLOOR_RATIO[case.form]))
    for who, least in PEER_RATIO.items():
        if who in have:
            run.judge(Verdict(f"{name} {who}/lightship", have[who].cpu / ours.cpu, ">=", least))
    if "skopeo to dir" in have:
        print(f"    {name} skopeo to dir/lightship: {have['skopeo to dir'].cpu / ours.cpu:.2g}")
    limit = memory_limit(case.entries) / 1e6
    run.judge(Verdict(f"{name} peak memory", ours.rss / 1e6, "<=", limit, " MB"))
    cores = os.cpu_count() or 1
    print(f"    {name} wall {ours.wall:.2f} s, CPU/{cores} {ours.cpu / cores:.2f} s")


def _print_parts(name: str, floor: Series) -> None:
    parts = floor.details["parts"][-1]
    names = ("inflate", "hash_blob", "hash_layer", "entries")
    told = ", ".join(f"{part.replace('_', ' ')} {parts[part]:.2f}" for part in names if parts[part])
    print(f"    {name} floor: {told} (not counted: reading {parts['read']:.2f}; {parts['reader']})")
