"""How many bytes the base install brings beside Python itself."""

from __future__ import annotations

import importlib.util
import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement


def base_install(name: str) -> dict[str, int]:
    """Return bytes on disk for a distribution and everything it requires without extras."""
    found: dict[str, int] = {}
    waiting = [name]
    while waiting:
        wanted = canonical(waiting.pop())
        if wanted in found:
            continue
        dist = distribution(wanted)
        found[wanted] = _bytes(dist)
        for line in dist.requires or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return found


def canonical(name: str) -> str:
    """Return a distribution's name as the index spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _bytes(dist: Distribution) -> int:
    paths = [Path(str(dist.locate_file(file))) for file in dist.files or []]
    total = sum(path.stat().st_size for path in paths if path.is_file())
    # An editable install records a pointer: count the folder that it points at.
    direct = dist.read_text("direct_url.json") or ""
    if '"editable": true' in direct or '"editable":true' in direct:
        total += _package_bytes(dist.metadata["Name"])
    return total


def _package_bytes(name: str) -> int:
    spec = importlib.util.find_spec(name.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        raise PackageNotFoundError(name)
    folder = Path(spec.submodule_search_locations[0])
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
