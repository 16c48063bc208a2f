"""`lightship check` as a command line, on real images."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click import Option

from lightship.cli.check import command
from lightship.policy.budgets import BUDGETS
from lightship.testing import build_image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lightship.testing import Layer

    from .conftest import Answer

    Lightship = Callable[..., Answer]


@pytest.fixture
def image(tmp_path: Path) -> str:
    """2,500 bytes unpacked, 500 of them dead; in the directory where `lightship` runs."""
    (tmp_path / ".git").mkdir()
    layers: list[Layer] = [
        {"a": b"x" * 1000, "b": b"y" * 500, "c": b"x" * 1000},
        {".wh.b": b"", "d": b""},
    ]
    build_image(layers, directory=tmp_path)
    return "image-1"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--max-dead", "500"], 0),
        (["--max-dead", "499"], 1),
        (["--max-dead", "499", "--exit-zero"], 0),
        (["--warn-dead", "499"], 0),
        (["--warn-dead", "499", "--strict"], 1),
        (["--warn-dead", "500", "--strict"], 0),
        (["--warn-dead", "499", "--strict", "--exit-zero"], 0),
        (["--min-efficiency", "80%"], 0),
        (["--min-efficiency", "80.1%"], 1),
        (["--forbid", "*.pem", "--forbid", "b"], 1),
        (["--profile", "rahti"], 0),
        (["--profile", "rahti", "--manifest-only"], 0),
        (["--profile", "rahti", "--max-wire", "1kB"], 0),
        (["--profile", "rahti", "--max-wire", "100"], 1),
        (["--max-layers=1", "-q"], 1),
        (["--dive-ci"], 1),
        (["--ci", "--lowestEfficiency", "0.5", "--highestUserWastedPercent", "disabled"], 0),
        (["--highest-wasted-bytes", "1kB", "--lowest-efficiency", "0.5"], 1),
        ([], 2),
        (["--max-dead", "much"], 2),
        (["--max-dead", "1", "--manifest-only"], 2),
        (["--dive-ci", "--manifest-only"], 2),
        (["--profile", "rathi"], 2),
        (["--max-growth", "5%"], 2),
        (["--max-growth", "5%", "--baseline", "none.json"], 3),
        (["--max-growth", "5%", "--baseline", "image-1"], 0),
        (["--max-dead", "500", "--baseline", "image-1"], 2),
        (["--lowestEfficiency", "much"], 2),
        (["--ci-config", "none"], 2),
        (["--profile", "rahti", "--platform", "arm64"], 2),
        (["--max-dead", "500", "--platform", "arm64"], 3),
        (["--max-dead", "500", "-o", "nowhere/x.json"], 5),
        (["--max-dead", "500", "-o", "x.unknown"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_exit_codes(options: list[str], code: int, image: str, lightship: Lightship) -> None:
    answer = lightship("check", image, *options)
    assert answer.code == code, answer.err
    if code > 1:
        assert answer.out == ""
        assert answer.err.startswith("lightship: error: ")
        assert answer.err.count("\n") == 1


def test_the_first_word_is_the_verdict(image: str, lightship: Lightship) -> None:
    for limit, word in (("500", "PASS"), ("499", "FAIL")):
        assert lightship("check", image, "--max-dead", limit).out.startswith(word)
    assert lightship("check", image, "--warn-dead", "0").out.startswith("WARN")


def test_several_outputs_in_one_run(image: str, lightship: Lightship, tmp_path: Path) -> None:
    answer = lightship(
        "check",
        image,
        *("--max-dead", "0", "--format", "github"),
        *("-o", "a.json", "-o", "junit=b.out", "-o", "c.sarif", "-o", "d.md", "-o", "e.txt"),
    )
    assert answer.code == 1
    assert answer.out.startswith("::error file=Dockerfile,")
    assert json.loads((tmp_path / "a.json").read_text())["verdict"] == "fail"
    assert (tmp_path / "b.out").read_text().startswith("<?xml")
    assert json.loads((tmp_path / "c.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "d.md").read_text().startswith("###")
    assert (tmp_path / "e.txt").read_text().startswith("FAIL")


def test_reports_point_at_the_dockerfile_that_was_named(image: str, lightship: Lightship) -> None:
    options = ("--max-dead", "0", "--format", "github", "--dockerfile", "docker/app.Dockerfile")
    assert lightship("check", image, *options).out.startswith("::error file=docker/app.Dockerfile,")


def test_limits_from_a_project(image: str, lightship: Lightship, tmp_path: Path) -> None:
    file = tmp_path / "lightship.toml"
    file.write_text('[check]\nmax-dead = 499\nforbid = ["*.pem"]\n')
    assert lightship("check", image).code == 1
    assert lightship("check", image, "--max-dead", "500").code == 0
    # What only layers tell is not judged, and said so.
    told = lightship("check", image, "--max-layers", "2", "--manifest-only")
    assert told.code == 0
    assert told.out.startswith("WARN")
    assert "not judged: max-dead 499" in told.out
    assert lightship("check", image, "--max-layers", "2", "--manifest-only", "--strict").code == 1
    file.write_text('max-wire = "1MB"\n')
    assert lightship("check", image).code == 2


def test_limits_from_the_environment(
    image: str, lightship: Lightship, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIGHTSHIP_CHECK_PROFILE", "rahti")
    monkeypatch.setenv("LIGHTSHIP_CHECK_MAX_DEAD", "499")
    assert lightship("check", image).code == 1
    monkeypatch.setenv("LIGHTSHIP_CHECK_MAX_DEAD", "none")
    assert lightship("check", image).code == 0
    monkeypatch.setenv("LIGHTSHIP_CHECK_BASELINE", "none.json")
    assert lightship("check", image).code == 0
    assert lightship("check", image, "--max-growth", "0").code == 3


def test_a_dive_ci_that_nobody_named_is_not_read(
    image: str, lightship: Lightship, tmp_path: Path
) -> None:
    (tmp_path / ".dive-ci").write_text("rules:\n  lowestEfficiency: 0.99\n")
    assert lightship("check", image, "--max-dead", "500").code == 0
    answer = lightship("check", image, "--dive-ci", "--highestUserWastedPercent", "disabled")
    assert answer.code == 1
    assert "rules from .dive-ci and command line" in answer.out
    other = tmp_path / "other.yml"
    other.write_text("rules:\n  lowestEfficiency: 0.1\n  highestUserWastedPercent: disabled\n")
    assert lightship("check", image, "--ci-config", "other.yml").code == 0


def test_an_image_that_unpacks_to_more_than_is_read_by_default_can_be_judged(
    image: str, lightship: Lightship, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIGHTSHIP_MAX_UNPACKED", "3kB")
    assert lightship("check", image, "--no-cache", "--max-dead", "1MB").code == 4
    assert lightship("check", image, "--no-cache", "--max-unpacked", "1MB").code == 0


def test_settings_show_limits_with_their_origins(lightship: Lightship, tmp_path: Path) -> None:
    (tmp_path / "lightship.toml").write_text('[check]\nprofile = "rahti"\nforbid = ["*.pem"]\n')
    rows = [
        line.split(maxsplit=2)
        for line in lightship("check", "--show-settings", "--warn-wire", "2GB").out.splitlines()
    ]
    assert ["max-wire", "5GiB", "profile rahti"] in rows
    assert ["warn-wire", "2GB", "command line"] in rows
    assert ["forbid", "*.pem", f"{tmp_path / 'lightship.toml'} [check]"] in rows
    assert any(row[0] == "bandwidth" for row in rows if row)


def test_the_manifest_alone_needs_little_of_the_house(image: str, tmp_path: Path) -> None:
    script = (
        "import sys; from lightship.cli.run import run;"
        f"code = run(['check', {image!r}, '--profile', 'rahti', '--manifest-only']);"
        "print(code, *sys.modules, file=sys.stderr)"
    )
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    code, *loaded = done.stderr.split()
    assert code == "0"
    unwanted = {
        "lightship.api.measuring",
        "lightship.filetree.merging",
        "lightship.layers.cache",
        "lightship.layers.indexing",
        "lightship.policy.forbidden",
        "lightship.analysis.dive",
        "rich.console",
        "yaml",
    }
    assert unwanted.isdisjoint(loaded)


def test_every_budget_has_its_options() -> None:
    options = {name for one in command.params if isinstance(one, Option) for name in one.opts}
    for budget in BUDGETS:
        assert {f"--{name}" for name in budget.limit_names} <= options


def test_no_image_is_a_usage_error(lightship: Lightship) -> None:
    answer = lightship("check", "--profile", "rahti")
    assert answer.code == 2
    assert "lightship check IMAGE" in answer.err
