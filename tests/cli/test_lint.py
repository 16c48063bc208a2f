"""`lightship lint` as it is typed."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Answer

    Lightship = Callable[..., Answer]

LISTS = b"FROM debian:13-slim\nRUN apt-get update && apt-get install -y git\n"
UNUSED = b"FROM debian:13-slim AS a\nFROM debian:13-slim AS b\n"
GOOD = b"FROM debian:13-slim\n"
ONLY = ("--select", "package-lists,unused-stage")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in os.environ:
        if name.startswith("LIGHTSHIP_"):
            monkeypatch.delenv(name)
    (tmp_path / "Dockerfile").write_bytes(LISTS)
    return tmp_path


def test_the_current_folder(lightship: Lightship) -> None:
    answer = lightship("lint", *ONLY)
    assert (answer.code, answer.err) == (1, "")
    assert answer.out.startswith("1 warning in 1 file\n")
    assert "\nDockerfile:2 warn package-lists" in answer.out


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (LISTS, (), 1),
        (LISTS, ("--exit-zero",), 0),
        (LISTS, ("--fail-on", "error"), 0),
        (UNUSED, (), 0),
        (UNUSED, ("--fail-on", "info"), 1),
        (GOOD, ("--fail-on", "info"), 0),
        (b"\0", ("--exit-zero",), 4),
        (LISTS + b"NOPE\n", (), 4),
    ],
)
def test_exit_codes(
    lightship: Lightship, folder: Path, data: bytes, options: tuple[str, ...], code: int
) -> None:
    (folder / "Dockerfile").write_bytes(data)
    assert lightship("lint", *ONLY, *options).code == code


def test_each_bad_file_is_one_line_and_the_worst_code_wins(
    lightship: Lightship, folder: Path
) -> None:
    (folder / "bad.dockerfile").write_bytes(b"\0")
    answer = lightship("lint", *ONLY, "nowhere", ".", "Dockerfile")
    assert answer.code == 4
    assert answer.err.splitlines() == [
        "lightship: error: nowhere: no such file or directory",
        "lightship: error: bad.dockerfile: binary, or not UTF-8: it has NUL bytes",
    ]
    assert answer.out.count("package-lists") == 1
    assert lightship("lint", *ONLY, "nowhere", ".", "--quiet", "--exit-zero").err


def test_a_folder_without_any(lightship: Lightship, folder: Path) -> None:
    (folder / "Dockerfile").unlink()
    answer = lightship("lint")
    assert answer.code == 3
    assert answer.err == "lightship: error: .: no Dockerfile or Containerfile below this folder\n"


def test_standard_input(lightship: Lightship, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(LISTS)))
    answer = lightship("lint", *ONLY, "-")
    assert answer.code == 1
    assert "\n-:2 warn package-lists" in answer.out


def test_json(lightship: Lightship) -> None:
    document = json.loads(lightship("lint", *ONLY, "--format", "json").out)
    assert document["schema"] == "lightship.lint/1"
    assert [one["rule"] for one in document["findings"]] == ["package-lists"]


def test_several_outputs(lightship: Lightship, folder: Path) -> None:
    answer = lightship(
        "lint", *ONLY, "--format", "github", "-o", "a.sarif", "-o", "gitlab=b.json", "-o", "c.xml"
    )
    assert answer.code == 1
    assert answer.out.startswith("::warning file=Dockerfile,line=2,")
    assert json.loads((folder / "a.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((folder / "b.json").read_text())[0]["location"]["lines"]["begin"] == 2
    assert (folder / "c.xml").read_text().startswith("<?xml")


def test_slips_in_names(lightship: Lightship) -> None:
    answer = lightship("lint", "--select", "package-list")
    assert (answer.code, answer.out) == (2, "")
    assert "no rule 'package-list'. Did you mean 'package-lists'?" in answer.err
    assert lightship("lint", "--ignore", "nonsense").code == 2
    assert lightship("lint", "--ignore", "DL4006,DL3009").code in (0, 1)


def test_settings_files(lightship: Lightship, folder: Path) -> None:
    file = folder / "lightship.toml"
    file.write_text('[lint]\nselect = ["package-lists"]\nfail-on = "error"\n')
    answer = lightship("lint")
    assert answer.code == 0
    assert answer.out.startswith("1 warning")
    assert lightship("lint", "--fail-on", "info").code == 1
    file.write_text('[lint]\nselect = ["package-list"]\n')
    assert "Did you mean 'package-lists'" in lightship("lint").err
    file.write_text("[lint]\nselekt = []\n")
    assert "lightship.toml [lint]: no setting 'selekt'. Did you mean" in lightship("lint").err


def test_the_environment_wins_over_files(
    lightship: Lightship, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "lightship.toml").write_text('[lint]\nselect = "package-lists"\nignore = "x"\n')
    monkeypatch.setenv("LIGHTSHIP_LINT_IGNORE", "package-lists")
    monkeypatch.setenv("LIGHTSHIP_LINT_FAIL_ON", "info")
    assert lightship("lint").code == 0
    shown = lightship("lint", "--show-settings").out
    assert "ignore   package-lists  environment, LIGHTSHIP_LINT_IGNORE\n" in shown
    monkeypatch.setenv("LIGHTSHIP_LINT_NONSENSE", "1")
    assert lightship("lint").code == 2


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ('rule = "package-lists"\nreason = "known"', 0),
        ('rule = "package-lists"\npaths = "Dockerfile"\nreason = "known"', 0),
        ('rule = "package-lists"\npaths = ["web/*"]\nreason = "known"', 1),
        ('rule = "apt-lists"\nreason = "of images"', 1),
        ('rule = "nonsense"\nreason = "known"', 2),
        ('rule = "package-lists"', 2),
    ],
)
def test_suppressions_in_settings(
    lightship: Lightship, folder: Path, entry: str, code: int
) -> None:
    (folder / "lightship.toml").write_text(f"[[rules.ignore]]\n{entry}\n")
    assert lightship("lint", *ONLY).code == code


def test_suppressed_findings_are_shown_if_asked_for(lightship: Lightship, folder: Path) -> None:
    run = b"# lightship: ignore[package-lists] wanted\nRUN"
    (folder / "Dockerfile").write_bytes(LISTS.replace(b"RUN", run))
    assert "--all shows 1 suppressed" in lightship("lint", *ONLY).out
    assert "suppressed: wanted" in lightship("lint", *ONLY, "--all").out


def test_a_foreign_name_does_nothing_to_the_screen(lightship: Lightship, folder: Path) -> None:
    (folder / "\x1b[31m.dockerfile").write_bytes(LISTS)
    (folder / "##[error]x.dockerfile").write_bytes(b"\0")
    answer = lightship("lint", *ONLY)
    assert "\x1b" not in answer.out + answer.err
    assert "##[" not in answer.out + answer.err


def test_many_files(lightship: Lightship, folder: Path) -> None:
    for at in range(300):
        (folder / f"{at}.dockerfile").write_bytes(LISTS if at % 2 else GOOD)
    answer = lightship("lint", *ONLY)
    assert answer.out.startswith("151 warnings in 151 of 301 files\n")


def test_what_a_start_does_not_load(folder: Path) -> None:
    """One file is quick: nothing is imported that reads images, speaks HTTP or draws bars."""
    script = (
        "import sys; sys.argv = ['lightship', 'lint', 'Dockerfile']\n"
        "from lightship.cli.run import run; code = run(sys.argv[1:])\n"
        "heavy = ('transports', 'layers.scan', 'layers.reading', 'net', 'engines', 'rules.image')\n"
        "print([m for m in sys.modules for h in heavy if m.startswith(f'lightship.{h}')], "
        "[m for m in ('urllib3', 'rich.console', 'ssl', 'asyncio') if m in sys.modules])\n"
    )
    (folder / "Dockerfile").write_bytes(GOOD)
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=folder
    )
    assert ran.stdout.splitlines()[-1] == "[] []"


def test_what_base_update_learnt_is_used(
    lightship: Lightship, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"image": "python", "tag": "3.13-slim", "version": "3.13.99", "source": "x"}
    facts = {"schema": "lightship.bases/1", "rows": [{**row, "seen": "2026-11-20"}]}
    (folder / "data").mkdir(mode=0o700)
    (folder / "data" / "bases.json").write_text(json.dumps(facts))
    (folder / "Dockerfile").write_text("FROM python:3.13.1-slim\n")
    assert "3.13.99" not in lightship("lint", "--select", "old-patch").out
    monkeypatch.setenv("LIGHTSHIP_DATA_DIR", str(folder / "data"))
    assert "3.13.99" in lightship("lint", "--select", "old-patch").out
