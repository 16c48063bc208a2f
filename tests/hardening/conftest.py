"""Lets these tests import `independent`, which stands beside them, and runs commands for them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

_TESTS = str(Path(__file__).resolve().parent.parent)
if _TESTS not in sys.path:
    sys.path.insert(0, _TESTS)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hardening.outcome import Outcome


@pytest.fixture
def lightship_run(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Outcome]:
    """The command line in this process: what `lightship` does, without a new interpreter."""
    from hardening.outcome import Outcome  # noqa: PLC0415 # needs the path set above
    from lightship.cli.run import run  # noqa: PLC0415 # needs click, which few tests do

    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("LIGHTSHIP_CACHE_DIR", str(tmp_path / "cache"))

    def run_here(*arguments: str) -> Outcome:
        capfd.readouterr()
        exit_code = run(list(arguments))
        stdout, stderr = capfd.readouterr()
        return Outcome(exit_code, stdout, stderr)

    return run_here
