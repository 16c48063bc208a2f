from __future__ import annotations

import io
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from lightship.cli.output import Destination
from lightship.cli.outputs import several, write_all
from lightship.errors import DestinationError, LightshipError, UsageError
from lightship.report.ci_formats import SUFFIXES, formatter
from lightship.testing import build_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Answer

    Lightship = Callable[..., Answer]


COMMANDS = ("##[error]forged", "::error::forged", "##vso[task.x]forged", "\n::error::forged")


def asked(*outputs: str, format_name: str | None = None) -> list[tuple[str | None, str, bool]]:
    return [
        (place.file.name if place.file else None, place.format_name, place.adds)
        for place in several(outputs, format_name, SUFFIXES)
    ]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("output", "place"),
    [
        ("a.txt", ("a.txt", "text", False)),
        ("a.json", ("a.json", "json", False)),
        ("a.MD", ("a.MD", "markdown", False)),
        ("a.sarif", ("a.sarif", "sarif", False)),
        ("a.sarif.json", ("a.sarif.json", "sarif", False)),
        ("a.xml", ("a.xml", "junit", False)),
        ("gitlab=a.json", ("a.json", "gitlab", False)),
        ("github=a", ("a", "github", False)),
        ("markdown+=a", ("a", "markdown", True)),
        ("text=x=y", ("x=y", "text", False)),
        ("./text=a.md", ("text=a.md", "markdown", False)),
        ("Sarif=a.md", ("Sarif=a.md", "markdown", False)),
    ],
)
def test_a_file_beside_standard_output(output: str, place: tuple[str, str, bool]) -> None:
    assert asked(output) == [place, (None, "text", False)]


def test_standard_output_has_its_own_format() -> None:
    assert asked() == [(None, "text", False)]
    assert asked("-") == [(None, "text", False)]
    assert asked(format_name="github") == [(None, "github", False)]
    assert asked("json=-", "a.md") == [("a.md", "markdown", False), (None, "json", False)]
    assert asked("a.md", "-", format_name="sarif")[-1] == (None, "sarif", False)


@pytest.mark.parametrize(
    ("outputs", "format_name", "said"),
    [
        (("report",), None, r"its name says no format.*\.sarif.*FORMAT=report"),
        (("report.yaml",), None, "its name says no format"),
        (("sarfi=a.json",), None, r"no format 'sarfi'. Known are text, json.*\./sarfi=a\.json"),
        (("json=",), None, "names no file"),
        (("json+=",), None, "names no file"),
        (("json=-",), "json", "given two formats"),
        (("json=-", "text=-"), None, "given two formats"),
        (("a.md", "text=./a.md"), None, "named twice"),
    ],
)
def test_what_makes_no_sense_is_refused(
    outputs: tuple[str, ...], format_name: str | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        several(outputs, format_name, SUFFIXES)


def test_two_ways_to_one_file_are_seen(tmp_path: Path) -> None:
    (tmp_path / "link.md").symlink_to("a.md")
    with pytest.raises(UsageError, match="named twice"):
        several(("a.md", "link.md"), None, SUFFIXES)
    assert len(several(("text=/dev/null", "json=/dev/null"), None, SUFFIXES)) == 3


def test_every_place_is_looked_at_before_the_work() -> None:
    with pytest.raises(DestinationError, match="absent: no such directory"):
        several(("a.md", "absent/b.json"), None, SUFFIXES)


def test_a_place_that_fails_keeps_it_from_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = several(("json=/dev/full", "a.md", "b.xml", "text=/dev/full"), None, SUFFIXES)
    with pytest.raises(DestinationError, match=r"/dev/full: No space left.*; and 1 more"):
        write_all(places, lambda place: place.format_name)
    assert (tmp_path / "a.md").read_text() == "markdown"
    assert (tmp_path / "b.xml").read_text() == "junit"
    assert capsys.readouterr().out == "text"


def test_a_reader_that_went_away_keeps_it_from_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    raw = os.fdopen(writing, "wb", buffering=0)
    with raw, io.TextIOWrapper(raw, write_through=True) as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        places = (Destination(None, "text"), *several(("a.md",), None, SUFFIXES)[:1])
        with pytest.raises(BrokenPipeError):
            write_all(places, lambda place: place.format_name)
    assert (tmp_path / "a.md").read_text() == "markdown"


def test_adding_keeps_what_is_there_and_the_file_itself(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    (place, _) = several(("markdown+=summary",), None, SUFFIXES)
    place.write("first\n")
    number = file.stat().st_ino
    with file.open("ab") as other:
        other.write(b"of another\n")
        other.flush()
        place.write("second\n")
        other.write(b"and more\n")
    assert file.read_text() == "first\nof another\nsecond\nand more\n"
    assert file.stat().st_ino == number
    assert [*tmp_path.iterdir()] == [file]


def test_what_could_not_be_added_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "summary"
    file.write_text("old\n")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DestinationError, match="summary: No space left"):
        Destination(file, "markdown", adds=True).write("new\n")
    assert file.read_text() == "old\n"


def test_a_device_can_be_added_to() -> None:
    Destination(Path("/dev/null"), "text", adds=True).write("x")
    with pytest.raises(DestinationError, match="/dev/full: No space"):
        Destination(Path("/dev/full"), "text", adds=True).write("x")


@pytest.mark.parametrize("name", [name for name in SUFFIXES if name != "text"])
def test_every_format_has_a_writer(name: str) -> None:
    assert callable(formatter("check", name))


def test_suffixes_mean_one_format_each() -> None:
    ends = [end for suffixes in SUFFIXES.values() for end in suffixes]
    assert len(ends) == len({*ends})


# The command, on a real image.


@pytest.fixture
def image(tmp_path: Path) -> str:
    build_image(
        [{"app/a": b"x" * 5_000}, {"app/.wh.a": b"", "app/b": b"y" * 10}],
        directory=tmp_path,
        form="oci",
        name="shop",
    )
    (found,) = (path for path in tmp_path.iterdir() if path.is_dir())
    return f"oci:{found.name}"


def test_one_run_writes_every_format(lightship: Lightship, image: str, tmp_path: Path) -> None:
    answer = lightship(
        *("check", image, "--max-dead", "4999", "--warn-layers", "1", "--dockerfile", "web/D"),
        *("-o", "r.json", "-o", "r.sarif", "-o", "r.xml", "-o", "r.md", "-o", "r.txt"),
        *("-o", "gitlab=cq.json", "-o", "github=gh"),
    )
    assert (answer.code, answer.err) == (1, "")
    assert answer.out == (tmp_path / "r.txt").read_text()
    assert answer.out.startswith("FAIL  1 broken, 1 to watch")
    assert json.loads((tmp_path / "r.json").read_text())["verdict"] == "fail"
    sarif = json.loads((tmp_path / "r.sarif").read_text())["runs"][0]
    assert [found["level"] for found in sarif["results"]] == ["error", "warning"]
    suite = ET.fromstring((tmp_path / "r.xml").read_bytes())[0]  # noqa: S314 - written here
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    quality = json.loads((tmp_path / "cq.json").read_text())
    assert [issue["severity"] for issue in quality] == ["major", "minor"]
    assert {issue["location"]["path"] for issue in quality} == {"web/D"}
    kinds = [line.split()[0] for line in (tmp_path / "gh").read_text().splitlines()]
    assert kinds == ["::error", "::warning", "::notice"]
    assert "❌ fail | max-dead | 5.00 kB" in (tmp_path / "r.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in SUFFIXES if name != "text"])
def test_standard_output_takes_every_format(lightship: Lightship, image: str, name: str) -> None:
    arguments = ("check", image, "--max-dead", "4999", "--format", name)
    answer = lightship(*arguments, "-o", f"{name}=same")
    assert answer.code == 1
    assert answer.out == Path("same").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SUFFIXES)
def test_no_name_in_an_image_commands_a_log(
    lightship: Lightship, tmp_path: Path, name: str
) -> None:
    hostile = {f"{at}": b"x" * 9 for at in COMMANDS}
    build_image(
        [hostile, {f".wh.{at}": b"" for at in hostile}],
        directory=tmp_path,
        form="oci",
        name="shop",
        history=[{"created_by": at} for at in COMMANDS[:2]],
    )
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    arguments = ("--max-dead", "1", "--forbid", "*", "--max-layers", "1", "--format", name)
    answer = lightship("check", f"oci:{folder.name}", *arguments)
    assert answer.code == 1
    assert "forged" in answer.out
    for line in answer.out.splitlines():
        if name == "github":
            assert line.startswith(("::error file=", "::notice file="))
        else:
            assert not re.search(r"^\s*::|##\w*\[", line)


def test_a_gate_that_fails_and_a_file_that_fails(lightship: Lightship, image: str) -> None:
    answer = lightship(
        "check", image, "--max-dead", "4999", "-o", "json=/dev/full", "-o", "r.sarif"
    )
    assert answer.code == 5
    assert "/dev/full: No space left" in answer.err
    assert answer.out.startswith("FAIL")
    assert json.loads(Path("r.sarif").read_text())["version"] == "2.1.0"


def test_no_layer_is_read_for_a_place_that_cannot_be_written(
    lightship: Lightship, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_arguments: object) -> None:
        raise LightshipError("the work began")

    monkeypatch.setattr("lightship.api.checking.check_gate", read)
    answer = lightship("check", "x.tar", "--max-dead", "1", "-o", "absent/r.json")
    assert answer.code == 5
    assert "absent: no such directory" in answer.err
