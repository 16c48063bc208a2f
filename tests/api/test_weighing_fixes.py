"""Savings of `lint` and `fix`, counted in an image that stands on disk, or estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lightship
from lightship.api.dockerfile_paths import Named
from lightship.api.weighing_fixes import weigher
from lightship.dockerfile.build import Build
from lightship.errors import UnreachableError, UsageError
from lightship.rules.smell import Saving
from lightship.testing import build_image

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nCOPY app /app\n"
LISTS = {"var/lib/apt/lists/a": b"x" * 5000, "usr/bin/curl": b"c"}
HISTORY: list[dict[str, object]] = [
    {"created_by": "ADD root.tar / # buildkit"},
    {"created_by": "RUN /bin/sh -c apt-get update && apt-get install -y curl # buildkit"},
    {"created_by": "COPY app /app # buildkit"},
]


class Notes:
    """A progress that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def begin(self, what: str, total_bytes: int | None) -> None: ...

    def advance(self, done_bytes: int) -> None: ...

    def end(self) -> None: ...

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def image(tmp_path: Path) -> str:
    return build_image(
        [{"bin/sh": b"s", "var/lib/apt/lists/base": b"b"}, LISTS, {"app": b"a"}],
        directory=tmp_path,
        history=HISTORY,
    )


@pytest.fixture
def dockerfile(tmp_path: Path) -> Path:
    path = tmp_path / "Dockerfile"
    path.write_text(TEXT)
    return path


def test_a_finding_says_what_the_image_holds(dockerfile: Path, image: str) -> None:
    result = lightship.lint(dockerfile, image=image, select=["package-lists"], cache=None)
    (finding,) = result.findings
    assert finding.saving is not None
    assert (finding.saving.unpacked_bytes, finding.saving.estimated) == (5000, False)
    assert finding.saving.source == f"measured in {image}"
    assert result.saving == finding.saving


def test_a_fix_says_it_too(dockerfile: Path, image: str) -> None:
    result = lightship.fix(dockerfile, image=image, select=["package-lists"], cache=None)
    (made,) = result.files[0].made
    assert made.saving is not None
    assert made.saving.unpacked_bytes == 5000
    assert result.saving == made.saving


def test_without_an_image_it_is_an_estimate(dockerfile: Path) -> None:
    (finding,) = lightship.lint(dockerfile, select=["package-lists"]).findings
    assert finding.saving is not None
    assert finding.saving.estimated
    assert "Debian 12" in finding.saving.source


def test_an_image_of_another_file_is_noted(dockerfile: Path, image: str) -> None:
    dockerfile.write_text(TEXT.replace("curl", "git"))
    heard = Notes()
    result = lightship.lint(
        dockerfile, image=image, select=["package-lists"], cache=None, progress=heard
    )
    (note,) = heard.notes
    assert f"was not built from {dockerfile} as it is" in note
    assert "no RUN as in line 2" in note
    (finding,) = result.findings
    assert finding.saving is not None
    assert finding.saving.estimated


def test_one_image_is_of_one_file(dockerfile: Path, image: str) -> None:
    other = dockerfile.with_name("Containerfile")
    other.write_text(TEXT)
    with pytest.raises(UsageError, match="one Dockerfile"):
        lightship.lint([dockerfile, other], image=image, cache=None)


def test_an_image_that_is_not_there(dockerfile: Path) -> None:
    with pytest.raises(UnreachableError):
        lightship.lint(dockerfile, image="oci:/no/such/place", cache=None)


def test_answers_together_count_each_byte_once(dockerfile: Path, image: str) -> None:
    weigh = weigher(image, None, {"cache": None})(Named.of(dockerfile), Build.read(TEXT.encode()))
    lists = weigh(Saving(kind="paths", positions=(1,), patterns=("/var/lib/apt/lists/*",)))
    layer = weigh(Saving(kind="layers", positions=(1, 2)))
    unknown = weigh(Saving(kind="base", positions=(0,)))
    assert lists is not None
    assert layer is not None
    assert unknown is None
    assert (lists.unpacked_bytes, layer.unpacked_bytes) == (5000, 5002)
    together = weigh.together((lists, layer, unknown))
    assert together == layer
    assert weigh.together(()) is None
