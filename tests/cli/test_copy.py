"""The command `copy`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lightship.testing import assert_same_tree, build_image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Answer

    Lightship = Callable[..., Answer]


@pytest.fixture
def app(tmp_path: Path) -> str:
    """A layout in the working directory."""
    made = build_image([{"a": b"1"}, {"b": b"2"}], directory=tmp_path)
    return f"oci:{made.rpartition('/')[2]}"


def test_byte_for_byte(lightship: Lightship, app: str, tmp_path: Path) -> None:
    answer = lightship("copy", app, "oci:out:1")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(f"copied {app}")
    assert "manifest, config and layers are as before, byte for byte" in answer.out
    assert_same_tree(f"oci:{tmp_path}/image-1", f"oci:{tmp_path}/out:1")


def test_unpacked_for_an_archive(lightship: Lightship, app: str) -> None:
    answer = lightship("copy", app, "out.tar")
    assert answer.code == 0
    assert "2 layers unpacked on the way" in answer.out
    assert "docker load -i out.tar" in answer.out
    answer = lightship("copy", "out.tar", "oci:back:1")
    assert "2 layers compressed on the way" in answer.out


def test_json(lightship: Lightship, app: str) -> None:
    document = json.loads(lightship("copy", app, "oci:out:1", "--format", "json").out)
    assert document["schema"] == "lightship.rewrite/1"
    assert document["same_manifest"] is True
    assert document["digest"] == document["source_digest"]
    assert document["proof"] is None


def test_onto_itself_changes_nothing(lightship: Lightship, tmp_path: Path) -> None:
    made = build_image([{"a": b"1"}], directory=tmp_path, form="docker-archive-25", codec="plain")
    file = tmp_path / made.rpartition("/")[2]
    answer = lightship("copy", file.name, file.name)
    assert answer.code == 0
    once = file.read_bytes()
    assert lightship("copy", file.name, file.name).code == 0
    assert file.read_bytes() == once


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("copy",), 2, "Write lightship copy IMAGE DEST"),
        (("copy", "oci:image-1"), 2, "Write lightship copy IMAGE DEST"),
        (("copy", "oci:image-1", "somewhere"), 2, "does not say where to write"),
        (("copy", "oci:image-2", "oci:out:1"), 3, "image-2"),
        (("copy", "oci:image-1", "oci:out:1", "--platform", "arm64"), 3, "linux/arm64"),
        (("copy", "oci:image-1", "oci:out:1", "-o", "x"), 2, "-o"),
        (("copy", "oci:image-1", "rootfs:out"), 2, "cannot be written to"),
    ],
)
def test_mistakes_are_one_line(  # noqa: PLR0917 # pytest gives them by name
    lightship: Lightship,
    app: str,
    tmp_path: Path,
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    assert app == "oci:image-1"
    answer = lightship(*arguments)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
    assert len(answer.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()
