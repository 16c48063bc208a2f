"""The files in `cases/`: what the tables of the catalogue say of which paths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).parent / "cases"


def read_cases(name: str) -> dict[str, Any]:
    """The cases of a table, by what they are cases of."""
    found: dict[str, Any] = {}
    path = CASES / name
    for file in sorted(path.glob("*.yml")) if path.is_dir() else [path.with_suffix(".yml")]:
        for key, cases in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            assert key not in found, f"{key} has cases twice"
            found[key] = cases
    return found
