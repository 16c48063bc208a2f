"""`lightship context` as it is typed."""

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
def shop(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/app.js").write_text("x" * 3000, encoding="utf-8")
    (tmp_path / "old.log").write_text("x" * 40, encoding="utf-8")
    (tmp_path / ".dockerignore").write_text("*.log\n", encoding="utf-8")
    (tmp_path / "Dockerfile").write_text("FROM x\nCOPY src /app\n", encoding="utf-8")
    return tmp_path


def test_show(lightship: Lightship, shop: Path) -> None:
    answer = lightship("context", "show", str(shop))
    assert (answer.code, answer.err) == (0, "")
    assert "3.00 kB   1 file  what instructions of the Dockerfile take\n" in answer.out
    assert "ignored by line 1: *.log" in answer.out


def test_show_as_json(lightship: Lightship, shop: Path) -> None:
    answer = lightship("context", "show", str(shop), "--builder", "legacy", "--format", "json")
    told = json.loads(answer.out)
    assert (told["schema"], told["builder"]) == ("lightship.context-show/1", "legacy")
    assert told["used"] == {"files": 1, "content_bytes": 3000}


def test_the_builder_is_a_setting(
    lightship: Lightship, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIGHTSHIP_CONTEXT_BUILDER", "buildah")
    told = json.loads(lightship("context", "show", str(shop), "--format", "json").out)
    assert told["builder"] == "buildah"
    monkeypatch.setenv("LIGHTSHIP_CONTEXT_BUILDER", "kaniko")
    assert lightship("context", "show", str(shop)).code == 2


def test_why_is_exactly_this_in_json(lightship: Lightship, shop: Path) -> None:
    answer = lightship("context", "why", "-C", str(shop), "--format", "json", "b.log", "src")
    assert json.loads(answer.out) == {
        "schema": "lightship.context/1",
        "paths": [
            {"path": "b.log", "ignored": True, "pattern": "*.log", "line": 1},
            {"path": "src", "ignored": False, "pattern": None, "line": None},
        ],
    }


def test_why_says_who_takes_it(lightship: Lightship, shop: Path) -> None:
    answer = lightship("context", "why", "-C", str(shop), "b.log", "src", "data")
    assert answer.out == (
        "ignored    b.log  .dockerignore:1  *.log\n"
        "sent       src    no line matches  COPY in line 2\n"
        "not taken  data   no line matches  no COPY or ADD takes it\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("context", "why"), 2),
        (("context", "why", "../a"), 2),
        (("context", "show", "none"), 3),
        (("context", "show", "-f", "none"), 3),
        (("context", "show", "--target", "none"), 2),
        (("context", "show", "--builder", "kaniko"), 2),
    ],
)
def test_what_goes_wrong_is_one_line(
    lightship: Lightship,
    shop: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
) -> None:
    monkeypatch.chdir(shop)
    answer = lightship(*arguments)
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.count("\n") == 1


def test_an_ignore_file_that_every_build_refuses(lightship: Lightship, shop: Path) -> None:
    (shop / ".dockerignore").write_text("a\n[\n", encoding="utf-8")
    answer = lightship("context", "show", str(shop))
    assert (answer.code, answer.out) == (4, "")
    assert answer.err.startswith("lightship: error: .dockerignore:2: ")
    assert answer.err.count("\n") == 1
