"""The command `recompress`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lightship.testing import build_image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Answer

    Lightship = Callable[..., Answer]

WORDS = b" ".join(b"%d" % (n * n) for n in range(9_000))


@pytest.fixture
def app(tmp_path: Path) -> str:
    """An archive in the working directory."""
    layers = [{"a": WORDS}, {"b": WORDS[::-1]}]
    made = build_image(layers, directory=tmp_path, form="docker-archive-25", codec="plain")
    return made.rpartition("/")[2]


def test_the_answer_comes_first(lightship: Lightship, app: str) -> None:
    answer = lightship("recompress", app, "-o", "oci:out:1", "--codec", "zstd", "--level", "19")
    assert answer.code == 0
    assert answer.out.startswith(f"recompressed docker-archive:{app}: 2 layers, ")
    assert answer.out.count("zstd") >= 3
    assert "cannot unpack zstd layers" in answer.out
    assert "the image ID is as before" in answer.out


def test_gzip_is_the_codec(lightship: Lightship, app: str) -> None:
    document = json.loads(lightship("recompress", app, "-o", "oci:o:1", "--format", "json").out)
    assert [row["codec"] for row in document["layers"]] == ["gzip", "gzip"]
    assert document["notes"] == []


def test_twice_is_nothing(lightship: Lightship, app: str, tmp_path: Path) -> None:
    assert lightship("recompress", app, "-o", "oci:out:1").code == 0
    answer = lightship("recompress", "oci:out:1", "-o", "oci:again:1")
    assert answer.code == 0
    assert "nothing would be won" in answer.out
    assert not (tmp_path / "again" / "index.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no destination is named"),
        (("-o", "oci:out:1", "--level", "13"), "from 1 to 12, not 13"),
        (("-o", "oci:out:1", "--codec", "zstd", "--level", "23"), "from 1 to 22, not 23"),
        (("-o", "oci:out:1", "--codec", "plain"), "'plain' is not one of"),
        (("-o", "oci:out:1", "--level", "0"), "0"),
    ],
)
def test_mistakes_are_one_line(
    lightship: Lightship, app: str, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    answer = lightship("recompress", app, *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert len(answer.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()
