"""The hooks for pre-commit do what their names say, given files as pre-commit gives them."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from .conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
FIXABLE = "FROM debian:13-slim\nRUN apt-get update && apt-get install -y git\n"
SELECT = ("--select", "package-lists")


def hooked(name: str, *files: str, folder: Path) -> int:
    (hook,) = (one for one in HOOKS if one["id"] == name)
    program, *arguments = shlex.split(hook["entry"])
    assert program == "lightship"
    command = [sys.executable, "-m", "lightship", *arguments, *SELECT, *files]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_says_what_pre_commit_needs(hook: dict[str, Any]) -> None:
    assert set(hook) == {"id", "name", "description", "entry", "language", "types"}
    assert (hook["language"], hook["types"]) == ("python", ["dockerfile"])


def test_lint_fails_for_a_finding_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(FIXABLE)
    (tmp_path / "b.dockerfile").write_text("FROM debian:13-slim\n")
    assert hooked("lightship-lint", "b.dockerfile", folder=tmp_path) == 0
    assert hooked("lightship-lint", "b.dockerfile", "Dockerfile", folder=tmp_path) == 1
    assert (tmp_path / "Dockerfile").read_text() == FIXABLE


def test_fix_writes_and_is_content_with_what_it_wrote(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(FIXABLE)
    # pre-commit fails a hook that changed a file, whatever its exit code.
    assert hooked("lightship-fix", "Dockerfile", folder=tmp_path) == 0
    written = (tmp_path / "Dockerfile").read_text()
    assert written != FIXABLE
    assert hooked("lightship-fix", "Dockerfile", folder=tmp_path) == 0
    assert (tmp_path / "Dockerfile").read_text() == written
    assert hooked("lightship-lint", "Dockerfile", folder=tmp_path) == 0
