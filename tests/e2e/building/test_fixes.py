"""Every safe fix, proven by builds: the same tree but for what was announced, and its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .cases import FILES, cases
from .ground import PACKAGES, Ground, ground
from .proof import prove

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..programs import Lightship  # noqa: TID252 - as its neighbours
    from ..workshop import Workshop  # noqa: TID252 - as its neighbours
    from .cases import Case

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system(*PACKAGES),
    pytest.mark.xdist_group("engine"),
]


def parameters() -> Iterator[object]:
    for file in FILES:
        for case in cases(file):
            marks = [pytest.mark.acceptance] if case.when == "acceptance" else []
            yield pytest.param(case, id=f"{file}: {case.name}", marks=marks)


@pytest.fixture(scope="module")
def built_on(workshop: Workshop) -> Iterator[Ground]:
    with workshop.alone(), ground(workshop.root / "building") as made:
        yield made


@pytest.mark.parametrize("case", parameters())
def test_fixed_and_built_again(
    case: Case, built_on: Ground, lightship: Lightship, tmp_path: Path
) -> None:
    proof = prove(case, built_on, lightship, tmp_path / "place")
    assert proof.wrong() == [], proof.text
