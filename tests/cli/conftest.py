"""The command line in this process, with answers made by hand instead of images read."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

_TESTS = str(Path(__file__).resolve().parent.parent)
if _TESTS not in sys.path:
    sys.path.insert(0, _TESTS)

from lightship.cli.run import run  # noqa: E402
from report.samples import HISTORY, INSPECTED  # noqa: E402 # stands beside these tests

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Answer:
    code: int
    out: str
    err: str


class StandIn:
    """Plays the api: remembers how it was called, and answers or raises what it was told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.error: BaseException | None = None

    def function(self, name: str, result: object) -> Callable[..., object]:
        def play(reference: str, *rest: object, **arguments: Any) -> object:
            self.calls.append((name, reference, {**arguments, "rest": rest}))
            if self.error:
                raise self.error
            return result

        return play

    @property
    def arguments(self) -> dict[str, Any]:
        return self.calls[-1][2]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    playing = StandIn()
    state = SimpleNamespace(
        path="/home/me/.cache/lightship", entries=3, stored_bytes=1_200_000, limit_bytes=2 * 10**9
    )
    functions: dict[str, dict[str, object]] = {
        "lightship.api.inspecting": {
            "inspect": INSPECTED,
            "inspect_all_platforms": (INSPECTED, INSPECTED),
        },
        "lightship.api.history": {"history": HISTORY},
        "lightship.api.caching": {
            "cache_info": state,
            "cache_prune": state,
            "cache_clear": state,
        },
    }
    for module, answers in functions.items():
        plays = {name: playing.function(name, answer) for name, answer in answers.items()}
        monkeypatch.setitem(sys.modules, module, SimpleNamespace(**plays))
    return playing


@pytest.fixture
def lightship(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Answer]:
    """Run a command line in an empty directory, with an environment that says nothing."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "COLUMNS", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def play(*arguments: str) -> Answer:
        code = run(list(arguments))
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return play
