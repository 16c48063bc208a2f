"""Squashing, copying and recompressing: beside the floor, the other squashers, and skopeo."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from bench.layout import figures
from bench.series import HEADER, Contestant, Series, alternate
from bench.stacks import left
from bench.targets import (
    COPY_RATIO,
    GROWTH_RATIO,
    REWRITE_MEMORY_BYTES,
    REWRITE_RATIO,
    SQUASHER_RATIO,
    Verdict,
)
from bench.tools import find_tool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.cases import Case
    from bench.run import Run

#: Files of the stacks; the peers are quadratic, so they see the first alone.
STACKS = {"50k": 50_000, "100k": 100_000, "1M": 1_000_000}
SLOW_RUNS = 2


def section(run: Run) -> None:
    """Measure each of them."""
    print(f"\n{HEADER}")
    for case in run.cases():
        case.warm()
        if case.form != "zst":
            _squash(run, case)
        if case.form != "docker":
            _copy(run, case)
        else:
            _recompress(run, case)
    _stacks(run)


def _squash(run: Run, case: Case) -> None:
    """To one gzip layer, against the floor."""
    new = run.work / "squashed"
    ours = [
        *_lightship(run, "squash", case.reference),
        *("--keep", "none", "--no-cache", "-o", f"oci:{new}:1"),
    ]
    counted: dict[str, int] = {}

    def check(report: bytes) -> str | None:
        counted.update(figures(new))
        told = json.loads(report)["after"]["visible_bytes"]
        found = counted["unpacked_bytes"]
        return None if told == found else f"visible bytes {told}, counted {found}"

    floor: list[str | Path] = [
        sys.executable,
        "-m",
        "bench.rewrite_floor",
        case.form,
        case.path,
        str(case.entries),
    ]
    contestants = [
        Contestant("lightship", ours, prepare=_fresh(new), check=check),
        Contestant("floor", [*floor, new, str(case.entries)]),
    ]
    name = f"squash {case.name}"
    have = run.add(alternate(name, contestants, min(run.runs, 3)))
    _fresh(new)()
    if {"lightship", "floor"} <= have.keys():
        parts = have["floor"].details["parts"][-1]
        told = ", ".join(f"{part} {cost:.2f}" for part, cost in parts.items() if part != "floor")
        print(f"    {name} floor: {told}")
        ratio = have["lightship"].cpu / have["floor"].cpu
        run.judge(Verdict(f"{name} lightship/floor", ratio, "<=", REWRITE_RATIO))
    if "lightship" in have:
        _judge_memory(run, name, have["lightship"])


def _copy(run: Run, case: Case) -> None:
    """The same blobs to another layout."""
    new = run.work / "copied"
    ours = [*_lightship(run, "copy", case.reference, f"oci:{new}:1"), "--no-cache"]
    _beside_skopeo(run, f"copy {case.name}", case, new, ours)


def _recompress(run: Run, case: Case) -> None:
    """Plain layers to gzip and to zstd."""
    for codec in ("gzip", "zstd"):
        new = run.work / f"recompressed-{codec}"
        ours = [
            *_lightship(run, "recompress", case.reference),
            *("--codec", codec, "--no-cache", "-o", f"oci:{new}:1"),
        ]
        _beside_skopeo(run, f"{codec} {case.name}", case, new, ours, codec=codec)


def _beside_skopeo(
    run: Run,
    name: str,
    case: Case,
    new: Path,
    ours: list[str | Path],
    *,
    codec: str | None = None,
) -> None:
    how = ["--dest-compress-format", codec] if codec else []
    contestants = [Contestant("lightship", ours, prepare=_fresh(new))]
    skopeo = find_tool("skopeo")
    target = run.work / "skopeo-copied"
    if skopeo:
        command = [skopeo, "--insecure-policy", "copy", "-q", *how]
        contestants.append(
            Contestant(
                "skopeo",
                [*command, case.reference, f"oci:{target}:1"],
                {"TMPDIR": str(run.work)},
                _fresh(target),
            )
        )
    sizes: dict[str, int] = {}
    have = run.add(alternate(name, contestants, min(run.runs, 3)))
    for who, layout in (("lightship", new), ("skopeo", target)):
        if layout.exists():
            sizes[who] = sum(file.stat().st_size for file in layout.glob("blobs/sha256/*"))
        _fresh(layout)()
    told = ", ".join(f"{who} {size / 1e6:.1f} MB" for who, size in sizes.items())
    print(f"    {name} blobs: {told}")
    run.extra[f"{name} blob_bytes"] = sizes
    if {"lightship", "skopeo"} <= have.keys():
        ratio = have["lightship"].wall / have["skopeo"].wall
        run.judge(Verdict(f"{name} wall lightship/skopeo", ratio, "<=", COPY_RATIO))
    if "lightship" in have:
        _judge_memory(run, name, have["lightship"])


def _stacks(run: Run) -> None:
    """Many small files in a plain docker archive: the other squashers, and growth."""
    ours: dict[str, Series] = {}
    for name, files in STACKS.items():
        archive = run.work / f"stack-{name}.tar"
        made = [sys.executable, "-m", "bench.stacks", str(files), str(archive)]
        subprocess.run(made, check=True)
        contestants = _squashers(run, archive, peers=name == "50k", files=files)
        have = run.add(alternate(f"stack {name}", contestants, min(run.runs, 3)))
        if "lightship" in have:
            ours[name] = have["lightship"]
        for who in have.keys() - {"lightship"} if "lightship" in have else ():
            ratio = have[who].cpu / have["lightship"].cpu
            run.judge(Verdict(f"stack {name} {who}/lightship", ratio, ">=", SQUASHER_RATIO))
        if name == "1M":
            archive.unlink()
    if len(ours) == len(STACKS):
        low = (ours["100k"].cpu - ours["50k"].cpu) / (STACKS["100k"] - STACKS["50k"])
        high = (ours["1M"].cpu - ours["100k"].cpu) / (STACKS["1M"] - STACKS["100k"])
        growth = Verdict("squash, CPU per file, to 1M over to 100k", high / low, "<=", GROWTH_RATIO)
        run.judge(growth)
        print(f"    microseconds a file: {low * 1e6:.1f} to 100k, {high * 1e6:.1f} to 1M")
        print(f"    memory at 1M: {ours['1M'].rss / 1e6:.0f} MB")


def _squashers(run: Run, archive: Path, *, peers: bool, files: int) -> list[Contestant]:
    new = run.work / "squashed.tar"
    command = [
        *_lightship(run, "squash", f"docker-archive:{archive}"),
        *("--keep", "none", "--no-cache", "-o", f"docker-archive:{new}"),
    ]

    def check(report: bytes) -> str | None:
        names = json.loads(report)["proof"]["files"]
        return None if names == left(files) else f"{names} files, {left(files)} are left"

    contestants = [Contestant("lightship", command, prepare=_fresh(new), check=check)]
    if not peers:
        return contestants
    alone: list[str | Path] = [sys.executable, "-m", "bench.docker_squash_alone", archive, new]
    contestants.append(Contestant("docker-squash", alone, prepare=_fresh(new), most_runs=SLOW_RUNS))
    if program := find_tool("oci-squash"):
        other: list[str | Path] = [program, "-o", new, "-t", "lightship-bench/one:1", archive]
        contestants.append(
            Contestant(
                "oci-squash",
                other,
                {"TMPDIR": str(run.work)},
                _fresh(new),
                most_runs=SLOW_RUNS,
            )
        )
    return contestants


def _lightship(run: Run, command: str, *arguments: str) -> list[str | Path]:
    return [run.lightship, command, *arguments, "--format", "json"]


def _fresh(path: Path) -> Callable[[], None]:
    def remove() -> None:
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)

    return remove


def _judge_memory(run: Run, name: str, ours: Series) -> None:
    most = REWRITE_MEMORY_BYTES / 1e6
    run.judge(Verdict(f"{name} peak memory", ours.rss / 1e6, "<=", most, " MB"))
