"""What one run of the benchmark knows and gathers; handed to each section."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.cases import Case, find

if TYPE_CHECKING:
    from pathlib import Path

    from bench.series import Series
    from bench.targets import Verdict


@dataclass
class Run:
    """The choices of the command line, and the results so far."""

    root: Path
    lightship: Path
    images: list[str]
    forms: list[str]
    runs: int
    everything: bool
    series: list[Series] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def work(self) -> Path:
        """The folder for what a contestant writes and for images made by the benchmark."""
        folder = self.root / "work"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def cases(self) -> list[Case]:
        """Return the chosen images in the chosen forms."""
        return find(self.root, self.images, self.forms)

    def add(self, gathered: dict[str, Series]) -> dict[str, Series]:
        """Keep the series, and return those that did not fail."""
        self.series.extend(gathered.values())
        return {who: one for who, one in gathered.items() if one.failure is None}

    def inspect(self, reference: str, *options: str) -> list[str | Path]:
        """Return the command line of lightship's `inspect`."""
        return [self.lightship, "inspect", reference, "--format", "json", *options]

    def judge(self, verdict: Verdict) -> None:
        """Print a verdict and keep it."""
        self.verdicts.append(verdict)
        print(f"    {verdict.line()}", flush=True)


def load_average() -> float:
    """Return how many processes wanted a core in the last minute."""
    return os.getloadavg()[0]
