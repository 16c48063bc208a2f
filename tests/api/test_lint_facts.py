"""What `base update` learnt is used by rules about bases; without, lint says the same anywhere."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from lightship.api.fixing import fix
from lightship.api.linting import lint
from lightship.bases.refreshed import FILE, Refreshed, RefreshedRow, write_refreshed

if TYPE_CHECKING:
    from pathlib import Path

NEWEST = "python:3.13.99-slim"


@pytest.fixture
def dockerfile(tmp_path: Path) -> Path:
    path = tmp_path / "Dockerfile"
    path.write_text('FROM python:3.13.1-slim\nCOPY a.py /\nCMD ["python", "/a.py"]\n')
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    row = RefreshedRow(
        image="python",
        tag="3.13-slim",
        version="3.13.99",
        source="lightship.test",
        seen=date(2026, 11, 20),
    )
    write_refreshed(tmp_path / "data", Refreshed(rows=(row,)))
    return tmp_path / "data"


def said(path: Path, data: Path | None) -> list[str]:
    return [one.message for one in lint(path, select=["old-patch"], data=data).findings]


def test_a_patch_that_was_learnt_of_is_the_newest(dockerfile: Path, data: Path) -> None:
    assert "Python 3.13.99 is out" in said(dockerfile, data)[0]
    diff = fix(dockerfile, unsafe=True, select=["old-patch"], data=data).files[0].diff
    assert f"+FROM {NEWEST}" in diff.splitlines()


def test_without_a_data_folder_lint_says_what_this_version_knows(
    dockerfile: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("LIGHTSHIP_DATA_DIR", str(data))
    (shipped,) = said(dockerfile, None)
    assert "3.13.99" not in shipped
    (data / FILE).write_bytes(b"{")
    assert said(dockerfile, data) == [shipped] == said(dockerfile, tmp_path / "none")
