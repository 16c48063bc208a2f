"""Two readers for every fact: lightship, and the independent applier, so that it is tested too."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

_TESTS = str(Path(__file__).resolve().parent.parent)
if _TESTS not in sys.path:
    sys.path.insert(0, _TESTS)

if TYPE_CHECKING:
    from facts.seen import Read


@pytest.fixture(params=["lightship", "applier"])
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Read:
    """Reads layers as an image; a fact holds for both readers."""
    from facts.seen import by_applier, by_lightship  # noqa: PLC0415 # needs the path set above

    return by_lightship(tmp_path) if request.param == "lightship" else by_applier


@pytest.fixture
def ours(tmp_path: Path) -> Read:
    """Lightship alone, where the standard library's tarfile reads otherwise than Go."""
    from facts.seen import by_lightship  # noqa: PLC0415 # needs the path set above

    return by_lightship(tmp_path)
