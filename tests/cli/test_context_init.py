"""`lightship context init`: what goes where, and what it ends with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Answer

    Lightship = Callable[..., Answer]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text("FROM base\nCOPY . /app\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("x" * 1000)
    return tmp_path


def test_it_writes_and_reports(lightship: Lightship, folder: Path) -> None:
    said = lightship("context", "init", str(folder))
    assert said.code == 0
    assert "Version control" in said.out
    assert "1.00 kB" in said.out
    assert b"**/.git\n" in (folder / ".dockerignore").read_bytes()


def test_a_dry_run_prints_the_file_and_writes_nothing(lightship: Lightship, folder: Path) -> None:
    said = lightship("context", "init", str(folder), "--dry-run")
    assert said.out.startswith("# >>> lightship context init")
    assert said.out.endswith("# <<< lightship context init\n")
    assert "KEPT OUT" in said.err
    assert not (folder / ".dockerignore").exists()


def test_json_has_the_file(lightship: Lightship, folder: Path) -> None:
    asked = ("context", "init", str(folder), "--format", "json", "--dry-run")
    said = json.loads(lightship(*asked).out)
    assert said["schema"] == "lightship.context-init/1"
    assert said["written"] is False
    assert "**/.git" in said["text"].split("\n")
    assert said["before"]["content_bytes"] - said["after"]["content_bytes"] > 1000


def test_a_file_that_is_there_needs_a_word(lightship: Lightship, folder: Path) -> None:
    (folder / ".dockerignore").write_text("mine\n")
    said = lightship("context", "init", str(folder))
    assert said.code == 2
    assert "--merge keeps its lines" in said.err
    assert (folder / ".dockerignore").read_text() == "mine\n"
    assert lightship("context", "init", str(folder), "--force").code == 0
    assert "mine" not in (folder / ".dockerignore").read_text()


def test_both_ways_are_no_way(lightship: Lightship, folder: Path) -> None:
    said = lightship("context", "init", str(folder), "--force", "--merge")
    assert said.code == 2


def test_a_line_that_builders_refuse_has_its_number_in_the_file(
    lightship: Lightship, folder: Path
) -> None:
    file = folder / ".dockerignore"
    assert lightship("context", "init", str(folder)).code == 0
    for data in (file.read_bytes() + b"\nmine\n[\n", b"[\n" + file.read_bytes()):
        file.write_bytes(data)
        said = lightship("context", "init", str(folder), "--merge")
        assert said.code == 4
        number = data.split(b"\n").index(b"[") + 1
        assert f".dockerignore:{number}: has a [ without its ]: a build fails." in said.err
        assert file.read_bytes() == data
