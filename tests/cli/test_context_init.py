"""`lightship context init`: what goes where, and what it ends with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from lightship.cli.context import command
from lightship.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text("FROM base\nCOPY . /app\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("x" * 1000)
    return tmp_path


def test_it_writes_and_reports(folder: Path) -> None:
    said = CliRunner().invoke(command, ["init", str(folder)], catch_exceptions=False)
    assert said.exit_code == 0
    assert "Version control" in said.stdout
    assert "1.00 kB" in said.stdout
    assert b"**/.git\n" in (folder / ".dockerignore").read_bytes()


def test_a_dry_run_prints_the_file_and_writes_nothing(folder: Path) -> None:
    said = CliRunner().invoke(command, ["init", str(folder), "--dry-run"], catch_exceptions=False)
    assert said.stdout.startswith("# >>> lightship context init")
    assert said.stdout.endswith("# <<< lightship context init\n")
    assert "KEPT OUT" in said.stderr
    assert not (folder / ".dockerignore").exists()


def test_json_has_the_file(folder: Path) -> None:
    asked = ["init", str(folder), "--format", "json", "--dry-run"]
    said = json.loads(CliRunner().invoke(command, asked, catch_exceptions=False).stdout)
    assert said["schema"] == "lightship.context-init/1"
    assert said["written"] is False
    assert "**/.git" in said["text"].split("\n")
    assert said["before"]["content_bytes"] - said["after"]["content_bytes"] > 1000


def test_a_file_that_is_there_needs_a_word(folder: Path) -> None:
    (folder / ".dockerignore").write_text("mine\n")
    said = CliRunner().invoke(command, ["init", str(folder)])
    assert isinstance(said.exception, UsageError)
    assert (folder / ".dockerignore").read_text() == "mine\n"
    CliRunner().invoke(command, ["init", str(folder), "--force"], catch_exceptions=False)
    assert "mine" not in (folder / ".dockerignore").read_text()


def test_both_ways_are_no_way(folder: Path) -> None:
    said = CliRunner().invoke(command, ["init", str(folder), "--force", "--merge"])
    assert said.exit_code == 2
