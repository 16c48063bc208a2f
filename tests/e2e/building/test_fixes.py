"""Every safe fix, proven by builds: the same tree but for what was announced, and its bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..programs import Lightship  # noqa: TID252 - as its neighbours
from .cases import FILES, Case, cases
from .ground import PACKAGES, Ground, ground
from .proof import prove

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..workshop import Workshop  # noqa: TID252 - as its neighbours

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system(*PACKAGES),
    pytest.mark.xdist_group("engine"),
]


def parameters() -> list[object]:
    return [
        pytest.param(
            case,
            id=f"{file}: {case.name}",
            marks=[pytest.mark.acceptance] if case.when == "acceptance" else [],
        )
        for file in FILES
        for case in cases(file)
    ]


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


class _Careless(Lightship):
    """A `lightship fix` that breaks what it fixes, and promises much."""

    def json(self, *words: str, stdin: int | None = None) -> Any:  # noqa: ARG002 - as it is called
        dockerfile = Path(words[1])
        dockerfile.write_text(dockerfile.read_text().replace("> /srv/kept", "> /srv/lost; rm /big"))
        fixed = {"diff": "there is one", "made": [{"rule": "careless"}], "refused": []}
        saving = {"unpacked_bytes": 9_000_000, "estimated": False}
        return {"files": [fixed], "saving": saving, "problems": []}


def test_what_is_broken_is_noticed(built_on: Ground, tmp_path: Path) -> None:
    case = Case(
        name="broken",
        dockerfile="FROM debian:12-slim\nRUN head -c 4000000 /dev/zero > /big\n"
        'RUN echo kept > /srv/kept\nCMD ["sh", "-c", "cat /srv/kept || echo nothing"]\n',
        says="kept",
        gone=("big", "never/there"),
    )
    proof = prove(case, built_on, _Careless(tmp_path / "cache"), tmp_path / "place")
    assert proof.wrong() == [
        "fixed by ['careless'], not []",
        "said 'kept\\n' before and 'nothing\\n' after",
        "predicted 9000000, measured 0",
        "still there: ['never/there']",
        "moved srv/kept to srv/lost",
    ]
