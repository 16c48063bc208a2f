"""Projects of many kinds: with the ignore file of `context init` they build as before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lightship.api.context_init import context_init

from ..building.ground import PACKAGES, Ground, ground  # noqa: TID252 - as its neighbours
from . import trial as trial_module
from .projects import Project, projects
from .trial import attempt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lightship.model.results.context import InitResult

    from ..workshop import Workshop  # noqa: TID252 - as its neighbours

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system(*PACKAGES),
    pytest.mark.xdist_group("engine"),
]


def parameters() -> list[object]:
    return [
        pytest.param(
            project, id=project.name, marks=[] if project.fast else [pytest.mark.acceptance]
        )
        for project in projects()
    ]


@pytest.fixture(scope="module")
def built_on(workshop: Workshop) -> Iterator[Ground]:
    with workshop.alone(), ground(workshop.root / "building") as made:
        yield made


@pytest.mark.parametrize("project", parameters())
def test_builds_as_before_from_less(project: Project, built_on: Ground, tmp_path: Path) -> None:
    trial = attempt(project, built_on, tmp_path / "place", classic=not project.fast)
    assert trial.wrong() == [], trial.made.text


def test_what_breaks_a_build_is_noticed(
    built_on: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(folder: Path, **named: Any) -> InitResult:
        made = context_init(folder, **named)
        (folder / made.path).write_text("words\n")
        return made

    monkeypatch.setattr(trial_module, "context_init", careless)
    project = Project(
        name="broken",
        files={"words": "said\n", ".gitignore": "*.log\n"},
        clutter={"big.log": 5000},
        dockerfile='FROM debian:12-slim\nCOPY . /app\nCMD ["sh", "-c", "cat /app/words || true"]\n',
        says="said",
        gone=("big.log",),
        stays=("words",),
    )
    trial = attempt(project, built_on, tmp_path / "place", classic=False)
    assert trial.wrong() == [
        "said '' after 'said\\n'",
        "still sent: big.log",
        "not sent: words",
    ]
