"""The second run of an image, and an image of which one layer is new."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from bench.answers import checker
from bench.derived import derive
from bench.series import HEADER, Contestant, Series, alternate
from bench.targets import CACHED_WALL_SECONDS, NEW_LAYER_RATIO, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.cases import Case
    from bench.run import Run


def section(run: Run) -> None:
    """Measure both on every chosen image."""
    print(f"\n{HEADER}")
    for case in run.cases():
        _second_run(run, case)
        if case.form == "gz":
            _one_new_layer(run, case)


def _second_run(run: Run, case: Case) -> None:
    cache = run.work / "cache"
    _forget(cache)
    own = {"LIGHTSHIP_CACHE_DIR": str(cache)}
    command = run.inspect(case.reference)
    check = checker(case.counted)
    first = Contestant("first run", command, own, check=check)
    run.add(alternate(case.name, [first], 1))
    second_run = Contestant("second run", command, own, check=check)
    have = run.add(alternate(case.name, [second_run], run.runs))
    cache_bytes = sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())
    each = cache_bytes / case.entries
    print(f"    {case.name} cache {cache_bytes / 1e6:.1f} MB, {each:.0f} bytes an entry")
    run.extra[f"{case.name} cache_bytes"] = cache_bytes
    _forget(cache)
    second = have.get("second run")
    if second is None:
        return
    what = f"{case.name} second run, wall"
    if case.image == "large":
        run.judge(Verdict(what, second.wall, "<=", CACHED_WALL_SECONDS, " s"))
    else:
        print(f"    {what}: {second.wall:.3f} s")


def _one_new_layer(run: Run, case: Case) -> None:
    layout = derive(case.path, run.work / f"{case.image}.derived")
    caches = {name: run.work / f"cache-{name}" for name in ("known", "whole")}
    known, whole, alone = (f"oci:{layout}:{tag}" for tag in ("known", "whole", "alone"))
    kept = run.work / "cache-kept"
    for cache in (*caches.values(), kept):
        _forget(cache)
    name = f"{case.image}/new"
    check = checker(case.counted)
    filling = [
        Contestant("fill known", run.inspect(known), _cache(kept)),
        Contestant("fill whole", run.inspect(whole), _cache(caches["whole"]), check=check),
    ]
    run.add(alternate(name, filling, 1))
    contestants = [
        Contestant(
            "one new layer",
            run.inspect(whole),
            _cache(caches["known"]),
            _copy(kept, caches["known"]),
            check,
        ),
        Contestant("that layer alone", run.inspect(alone, "--no-cache")),
        Contestant("nothing new", run.inspect(whole), _cache(caches["whole"]), check=check),
    ]
    have = run.add(alternate(name, contestants, min(run.runs, 3)))
    for cache in (*caches.values(), kept):
        _forget(cache)
    _judge_new_layer(run, name, have)


def _judge_new_layer(run: Run, name: str, have: dict[str, Series]) -> None:
    if len(have) < 3:
        return
    # The rest of the image must still be loaded and merged: that is what "nothing new" costs.
    expected = have["that layer alone"].cpu + have["nothing new"].cpu
    ratio = have["one new layer"].cpu / expected
    run.judge(Verdict(f"{name} against that layer alone", ratio, "<=", NEW_LAYER_RATIO))


def _cache(folder: Path) -> dict[str, str]:
    return {"LIGHTSHIP_CACHE_DIR": str(folder)}


def _forget(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _copy(kept: Path, folder: Path) -> Callable[[], None]:
    def put_back() -> None:
        _forget(folder)
        if kept.exists():
            shutil.copytree(kept, folder)

    return put_back
