"""Lets these tests import what stands beside them, and `corpus`, which stands in tools/."""

import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]
for _folder in (_TESTS, _TESTS.parent / "tools"):
    if str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))
