"""`lightship base check` and `base suggest` as command lines, on real images."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from api.base_images_made import STATIC, debian, image
from lightship.testing import File

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Answer

    Lightship = Callable[..., Answer]


@pytest.fixture
def images(tmp_path: Path) -> None:
    """image-1: a base; image-2: a static program on it; image-3: a shell script; image-4: old."""
    (tmp_path / ".git").mkdir()
    image(tmp_path, debian(), name="example.com/debian:13", command=("sh",))
    image(tmp_path, debian(), {"app/prog": STATIC})
    script = File(b"#!/bin/sh\nexec true\n", mode=0o755)
    image(tmp_path, debian(), {"app/prog": script})
    image(tmp_path, debian(10), name="example.com/debian:10", command=("sh",))


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["image-2", "--on", "scratch"], 0),
        (["image-2", "--on", "image-1"], 0),
        (["image-3", "--on", "scratch"], 1),
        (["image-3", "--on", "scratch", "--allow", "needs-test"], 1),
        (["image-2", "--on", "debian:13-slim"], 1),
        (["image-2", "--on", "debian:13-slim", "--allow", "needs-test"], 0),
        (["image-2", "--on", "image-4"], 1),
        (["image-2", "--on", "image-4", "--fail-on", "never"], 0),
        (["image-4"], 1),
        (["image-4", "--exit-zero"], 0),
        (["image-1"], 0),
        (["image-1", "--today", "2040-01-01"], 1),
        (["image-2", "--on", "nobody.example.com/has:this"], 3),
        (["image-2", "--on", "image-4", "--base", "image-4"], 2),
        (["nobody.example.com/has:this"], 3),
        ([], 2),
        (["-", "--on", "-"], 2),
        (["image-2", "--on", "Not A Name"], 3),
        (["image-2", "--platform", "linux/arm64", "--on", "scratch"], 3),
    ],
)
def test_exit_codes(arguments: list[str], code: int, lightship: Lightship) -> None:
    own = ["--base", "image-1"] if {"image-2", "image-3"} & {*arguments} else []
    if "--base" in arguments:
        own = []
    answer = lightship("base", "check", *arguments, *own, "--offline", "--no-cache")
    assert answer.code == code, answer.err
    if code > 1:
        assert answer.out == ""
        errors = [line for line in answer.err.splitlines() if "error:" in line]
        assert len(errors) == 1


@pytest.mark.usefixtures("images")
def test_the_answer_in_every_format(lightship: Lightship, tmp_path: Path) -> None:
    asked = ("base", "check", "image-2", "--base", "image-1", "--on", "scratch", "--no-cache")
    assert lightship(*asked).out.startswith("RUNS  example.com/app:1 on scratch\n")
    told = json.loads(lightship(*asked, "--format", "json").out)
    assert (told["schema"], told["answer"]) == ("lightship.base-check/1", "runs")
    assert lightship(*asked, "-o", "a.md").code == 0
    assert (tmp_path / "a.md").read_text().startswith("### lightship base check: ✅ runs")


@pytest.mark.usefixtures("images")
def test_suggestions_never_fail(lightship: Lightship, tmp_path: Path) -> None:
    asked = ("base", "suggest", "image-3", "--base", "image-1", "--no-cache", "--offline")
    answer = lightship(*asked)
    assert answer.code == 0
    assert answer.out.startswith("example.com/app:1: now ")
    told = json.loads(lightship(*asked, "--format", "json").out)
    assert told["schema"] == "lightship.base-suggest/1"
    assert told["candidates"]
    (tmp_path / "Dockerfile").write_text('FROM python:3.13\nCMD ["python", "a.py"]\n')
    assert "+FROM python:3.13-slim" in lightship("base", "suggest", "Dockerfile").out
    assert lightship("base", "suggest", ".", "--format", "markdown").out.startswith("### ")


def test_settings_are_shown(lightship: Lightship) -> None:
    assert "data-dir" in lightship("base", "check", "--show-settings").out
