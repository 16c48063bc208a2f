"""Projects of many kinds: with the ignore file of `context init` they build as before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..building.ground import PACKAGES, Ground, ground  # noqa: TID252 - as its neighbours
from .projects import Project, projects
from .trial import attempt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
