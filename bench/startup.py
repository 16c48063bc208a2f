"""How long it takes to say anything, and how much is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from typing import TYPE_CHECKING

from bench.installed import base_install
from bench.series import HEADER, Contestant, alternate
from bench.targets import HELP_SECONDS, INSTALLED_BYTES, VERSION_SECONDS, Verdict

if TYPE_CHECKING:
    from bench.run import Run

STARTS = 20


def section(run: Run) -> None:
    """Measure the start and the size of the base install."""
    print(f"\n{HEADER}")
    contestants = [
        Contestant("lightship --version", [run.lightship, "--version"]),
        Contestant("lightship --help", [run.lightship, "--help"]),
    ]
    have = run.add(alternate("start", contestants, STARTS))
    limits = {"lightship --version": VERSION_SECONDS, "lightship --help": HELP_SECONDS}
    for who, series in have.items():
        run.judge(Verdict(f"{who}, median wall", series.wall, "<=", limits[who], " s"))
    try:
        sizes = base_install("lightship")
    except PackageNotFoundError as error:
        print(f"    installed size: {error} is not installed here")
        return
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"    {size / 1e6:8.2f} MB  {name}")
    run.extra["installed_bytes"] = sizes
    total = sum(sizes.values()) / 1e6
    run.judge(Verdict("installed beside Python", total, "<=", INSTALLED_BYTES / 1e6, " MB"))
