"""The command `diff`, on real images."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lightship.cli.diff import command
from lightship.testing import File, build_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Answer

    Lightship = Callable[..., Answer]

OLD = {"usr/bin/git": b"g" * 4_000, "app/a.py": b"a"}
NEW = {"usr/bin/git": b"G" * 5_000, "app/a.py": File(b"a", mtime=5), "app/b.py": b"b"}


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    """Two archives, with their paths alone."""
    made = [
        build_image([layer], directory=tmp_path, form="docker-archive-25") for layer in (OLD, NEW)
    ]
    return made[0].partition(":")[2], made[1].partition(":")[2]


def test_text(lightship: Lightship, pair: tuple[str, str]) -> None:
    answer = lightship("diff", *pair)
    assert (answer.code, answer.err) == (0, "")
    assert "1.00 kB bigger unpacked" in answer.out
    assert "1 added (+1 B), 1 changed (+1.00 kB), 1 in time only" in answer.out
    assert "WHAT DIFFERS" not in answer.out
    assert "\x1b" not in answer.out


def test_details(lightship: Lightship, pair: tuple[str, str]) -> None:
    answer = lightship("diff", *pair, "--details")
    assert answer.code == 0
    assert "/usr/bin/git  content" in answer.out
    assert "/app/a.py" not in answer.out
    assert "/app/a.py  time" in lightship("diff", *pair, "--details", "--mtime").out


def test_json(lightship: Lightship, pair: tuple[str, str]) -> None:
    document = json.loads(lightship("diff", *pair, "--format", "json").out)
    assert document["schema"] == "lightship.diff/1"
    assert document["delta"]["unpacked_bytes"] == 1_001
    assert [row["path"] for row in document["added"]] == ["app/b.py"]


def test_a_file_takes_its_format_from_its_name(
    lightship: Lightship, pair: tuple[str, str], tmp_path: Path
) -> None:
    assert lightship("diff", *pair, "-o", "d.json").out == ""
    assert json.loads((tmp_path / "d.json").read_text())["schema"] == "lightship.diff/1"


def test_the_same_image_is_identical(lightship: Lightship, pair: tuple[str, str]) -> None:
    answer = lightship("diff", pair[0], pair[0])
    assert answer.code == 0
    assert "Identical" in answer.out


def test_top_bounds_the_lists(lightship: Lightship, tmp_path: Path) -> None:
    many = {f"d/{n:03}": b"%d" % n * 10 for n in range(80)}
    a, b = (
        build_image([layer], directory=tmp_path, form="oci-archive") for layer in ({"x": b""}, many)
    )
    short = lightship("diff", a, b, "--details", "--top", "4").out
    assert short.count("/d/0") == 4
    assert "77 more names: --top" in short  # with /d itself
    assert lightship("diff", a, b, "--details", "--top", "90").out.count("/d/0") == 80
    document = json.loads(lightship("diff", a, b, "--format=json", "--top", "60").out)
    assert len(document["added"]) == 60


def test_bandwidth_and_platform_reach_the_answer(
    lightship: Lightship, pair: tuple[str, str]
) -> None:
    options = ("--bandwidth", "1Gbit/s", "--format", "json")
    document = json.loads(lightship("diff", *pair, *options).out)
    assert document["pull"]["time"]["bandwidth_bytes_per_second"] == 125_000_000
    assert lightship("diff", *pair, "--platform", "linux/s390x").code == 3


@pytest.mark.parametrize("arguments", [[], ["only"]])
def test_two_images_must_be_named(lightship: Lightship, arguments: list[str]) -> None:
    answer = lightship("diff", *arguments)
    assert answer.code == 2
    assert "two images are compared" in answer.err


def test_standard_input_twice(lightship: Lightship) -> None:
    answer = lightship("diff", "-", "-")
    assert answer.code == 2
    assert "only one of two images can come through standard input" in answer.err


def test_an_image_that_is_not_there(lightship: Lightship, pair: tuple[str, str]) -> None:
    assert lightship("diff", pair[0], "docker-archive:none.tar").code == 3


def test_a_damaged_image(lightship: Lightship, pair: tuple[str, str]) -> None:
    Path("bad.tar").write_bytes(Path(pair[1]).read_bytes()[:3_000])
    assert lightship("diff", pair[0], "bad.tar").code == 4


def test_settings_are_shown_without_images(lightship: Lightship) -> None:
    assert "bandwidth" in lightship("diff", "--show-settings").out


def test_one_through_a_real_pipe(pair: tuple[str, str], tmp_path: Path) -> None:
    with Path(pair[1]).open("rb") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "lightship", "diff", pair[0], "-", "--no-cache"],
            stdin=stream,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            cwd=tmp_path,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert "1.00 kB bigger unpacked" in done.stdout


def test_its_short_help_is_the_groups() -> None:
    assert command.get_short_help_str(200) == (
        "Compare two images: layers, files, bytes, and what a node pays."
    )
