"""`lightship fix` as it is typed."""

from __future__ import annotations

import io
import json
import subprocess
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from lightship.testing import build_image

from .test_lint import GOOD, LISTS, ONLY, UNUSED, folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Answer

    Lightship = Callable[..., Answer]

__all__ = ["folder"]
FIXED = LISTS.replace(b"git\n", b"git && rm -rf /var/lib/apt/lists/*\n")


def test_the_default_shows_a_diff(lightship: Lightship, folder: Path) -> None:
    answer = lightship("fix", *ONLY)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("1 fix to make in 1 file\n")
    assert "\n--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,2 +1,2 @@\n" in answer.out
    assert "\n\n--write writes it" in answer.out
    assert lightship("fix", *ONLY, "--diff").out == answer.out
    assert (folder / "Dockerfile").read_bytes() == LISTS


def test_write(lightship: Lightship, folder: Path) -> None:
    answer = lightship("fix", *ONLY, "--write")
    assert answer.code == 0
    assert answer.out.startswith("1 fix written to 1 file\n")
    assert (folder / "Dockerfile").read_bytes() == FIXED
    assert lightship("fix", *ONLY, "--write").out.startswith("Nothing to fix in 1 file\n")


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (LISTS, (), 1),
        (GOOD, (), 0),
        (UNUSED, (), 0),
        (UNUSED, ("--unsafe",), 1),
        (LISTS, ("--ignore", "package-lists"), 0),
        (b"\0", (), 4),
    ],
)
def test_check_is_for_ci(
    lightship: Lightship, folder: Path, data: bytes, options: tuple[str, ...], code: int
) -> None:
    (folder / "Dockerfile").write_bytes(data)
    assert lightship("fix", *ONLY, "--check", *options).code == code
    assert (folder / "Dockerfile").read_bytes() == data


@pytest.mark.parametrize("other", ["--check", "--diff"])
def test_write_and_do_not_write(lightship: Lightship, folder: Path, other: str) -> None:
    answer = lightship("fix", "--write", other)
    assert answer.code == 2
    assert (folder / "Dockerfile").read_bytes() == LISTS


@pytest.mark.parametrize("form", [("--format", "diff"), ("-o", "x.patch"), ()])
def test_the_diff_can_be_applied(lightship: Lightship, folder: Path, form: tuple[str, ...]) -> None:
    data = b"# caf\xe9\r\n" + LISTS.replace(b"\n", b"\r\n") if form[:1] == ("-o",) else LISTS
    (folder / "Dockerfile").write_bytes(data)
    out = lightship("fix", *ONLY, *form).out
    patch = (folder / "x.patch").read_bytes() if form[:1] == ("-o",) else out.encode()
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        input=patch,
        check=True,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(folder), "HOME": str(folder)},
    )
    assert (folder / "Dockerfile").read_bytes().count(b"rm -rf /var/lib/apt/lists/*") == 1


def test_json(lightship: Lightship) -> None:
    document = json.loads(lightship("fix", *ONLY, "--format", "json").out)
    assert document["schema"] == "lightship.fix/1"
    assert document["files"][0]["made"][0]["rule"] == "package-lists"


def test_one_bad_file_stops_no_other(lightship: Lightship, folder: Path) -> None:
    (folder / "a.dockerfile").write_bytes(b"\0")
    (folder / "b.dockerfile").write_bytes(LISTS + b"NOPE x\n")
    answer = lightship("fix", *ONLY, "--write")
    assert answer.code == 4
    assert len(answer.err.splitlines()) == 2
    assert "b.dockerfile is left as it is: line 3: unknown instruction 'NOPE'" in answer.out
    assert (folder / "Dockerfile").read_bytes() == FIXED


class Out(io.TextIOWrapper):
    """A standard output whose bytes can be looked at."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="ascii")

    @property
    def data(self) -> bytes:
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "written", "code"),
    [
        (LISTS, FIXED, 0),
        (GOOD, GOOD, 0),
        (
            b"# ##[error] caf\xe9 \xc3\xa9\r\n" + LISTS,
            b"# ##[error] caf\xe9 \xc3\xa9\r\n" + FIXED,
            0,
        ),
        (LISTS + b"NOPE x\n", LISTS + b"NOPE x\n", 4),
        (b"\0\1", b"", 4),
    ],
    ids=["fixed", "good", "odd bytes", "invalid", "binary"],
)
def test_as_a_filter(
    lightship: Lightship,
    monkeypatch: pytest.MonkeyPatch,
    data: bytes,
    written: bytes,
    code: int,
) -> None:
    out = Out()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    monkeypatch.setattr("sys.stdout", out)
    assert lightship("fix", *ONLY, "--write", "-").code == code
    assert out.data == written


def test_an_image_is_of_one_file(lightship: Lightship, folder: Path) -> None:
    image = build_image([{"a": b"x"}, {"var/lib/apt/lists/x": b"y" * 5000}], directory=folder)
    assert lightship("fix", *ONLY, "--image", image).code == 0
    (folder / "b.dockerfile").write_bytes(LISTS)
    answer = lightship("fix", *ONLY, "--write", "--image", image)
    assert answer.code == 2
    assert "was built from one Dockerfile, and there are 2" in answer.err
    assert (folder / "Dockerfile").read_bytes() == LISTS


def test_unsafe_fixes_say_what_to_check(lightship: Lightship, folder: Path) -> None:
    (folder / "Dockerfile").write_bytes(UNUSED)
    assert "--unsafe makes 1 more" in lightship("fix", *ONLY).out
    assert (
        "    check: Nobody may build it with --target a." in lightship("fix", *ONLY, "--unsafe").out
    )
