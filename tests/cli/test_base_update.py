"""The command `base update`: what it asks the api for, and how its answers look."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import lightship.api.base_updating as updating
from lightship.errors import DestinationError
from lightship.model.results.base_update import BaseUpdateResult, Updated

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Answer

    Lightship = Callable[..., Answer]

_WHY = "r.org wants fewer requests. Come again in 5 min"
RESULT = BaseUpdateResult(
    folder="/home/me/.local/share/lightship",
    requests=1021,
    bases=(
        Updated(name="a:1", place="docker.io", state="refreshed"),
        Updated(name="b:1", place="docker.io", state="unchanged"),
        Updated(name="c:1", place="r.org", state="failed", why="404 \x1b[31m"),
        *(Updated(name=f"d:{n}", place="r.org", state="left", why=_WHY) for n in range(7)),
    ),
    products=(Updated(name="Debian", place="endoflife.date", state="fresh"),),
    warnings=("it is written anew",),
)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    seen = SimpleNamespace(result=RESULT, names=None, arguments={})

    def play(names: tuple[str, ...], **arguments: Any) -> BaseUpdateResult:
        seen.names, seen.arguments = names, arguments
        if isinstance(seen.result, Exception):
            raise seen.result
        return seen.result  # type: ignore[no-any-return]  # a test puts it there

    monkeypatch.setattr(updating, "base_update", play)
    return seen


def test_the_answer(lightship: Lightship, api: SimpleNamespace) -> None:
    answer = lightship("base", "update")
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "10 bases: 1 refreshed, 1 as they were, 1 failed, 7 left for another time",
        "1 product: 1 asked for a short time ago",
        "c:1 failed: 404 \\x1b[31m",
        f"d:0, d:1, d:2, d:3, d:4 and 2 more left: {_WHY}",
        "warning: it is written anew",
        "1,021 requests; kept in /home/me/.local/share/lightship",
    ]
    assert api.names == ()


def test_as_json(lightship: Lightship, api: SimpleNamespace) -> None:
    document = json.loads(lightship("base", "update", "--format", "json").out)
    assert document["schema"] == "lightship.base-update/1"
    assert document["bases"][2]["state"] == "failed"
    assert api.arguments["terms"] == updating.UpdateTerms()


def test_options_reach_the_api(lightship: Lightship, api: SimpleNamespace, tmp_path: Path) -> None:
    lightship(
        "base", "update", "a:1", "b", "--read", "--since", "0", "--platform", "linux/arm/v7",
        "--platform", "amd64", "--mirror", "a=b.c", "--dates", "https://d.org",
        "--max-requests", "7", "--data-dir", str(tmp_path / "d"), "--jobs", "1",
    )  # fmt: skip
    assert api.names == ("a:1", "b")
    assert api.arguments["data"] == tmp_path / "d"
    assert api.arguments["terms"] == updating.UpdateTerms(
        read=True,
        since_days=0,
        platforms=("linux/arm/v7", "linux/amd64"),
        mirrors=("a=b.c",),
        dates="https://d.org",
        most_requests=7,
    )
    lightship("base", "update", "--all-platforms", "--no-dates")
    assert api.arguments["data"] == tmp_path / "data" / "lightship"
    assert api.arguments["terms"] == updating.UpdateTerms(platforms=(), dates="")


@pytest.mark.parametrize("days", ["-1", "1.5", "x", "9999999"])
def test_days_are_a_number(days: str, lightship: Lightship, api: SimpleNamespace) -> None:
    assert lightship("base", "update", "--since", days).code == 2
    assert api.names is None


def test_the_exit_code_says_whether_anything_was_reached(
    lightship: Lightship, api: SimpleNamespace
) -> None:
    only_failed = tuple(one for one in RESULT.bases if one.state in {"failed", "left"})
    api.result = BaseUpdateResult(folder="/x", requests=1, bases=only_failed, products=())
    assert lightship("base", "update").code == 3
    api.result = DestinationError("another base update is at work")
    assert lightship("base", "update").code == 5


def test_without_a_network_it_says_so(lightship: Lightship, tmp_path: Path) -> None:
    answer = lightship("base", "update", "--offline")
    assert answer.code == 2
    assert "--offline" in answer.err
    assert not (tmp_path / "data").exists()


def test_it_says_what_it_will_ask_for_before_it_does(lightship: Lightship) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        answer = lightship(
            "base", "update", f"{host}/x/y:1", "--plain-http", host, "--no-dates"
        )  # fmt: skip
    assert answer.code == 3
    first = answer.err.splitlines()[0]
    assert f"asking for 1 of 1 bases at {host}: some 6 requests" in first
    assert "1 base: 1 failed" in answer.out


def test_settings_are_shown(lightship: Lightship) -> None:
    assert "data-dir" in lightship("base", "update", "--show-settings").out


def test_a_project_may_not_name_the_folder(lightship: Lightship, api: SimpleNamespace) -> None:
    Path("lightship.toml").write_text('data-dir = "/tmp/x"\n', encoding="utf-8")
    answer = lightship("base", "update")
    assert answer.code == 2
    assert "a project may not set 'data-dir'" in answer.err
    assert api.names is None
