"""Where the benchmark keeps its images: never inside the repository."""

from __future__ import annotations

import os
from pathlib import Path

RECIPES = Path(__file__).parent / "recipes"
RESULTS = Path(__file__).parent / "results"
IMAGE_NAMES = ("small", "medium", "large")


def bench_dir() -> Path:
    """Return ``LIGHTSHIP_BENCH_DIR``, or a folder in the user's cache; it need not exist yet."""
    named = os.environ.get("LIGHTSHIP_BENCH_DIR")
    if named:
        return Path(named)
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "lightship-bench"
