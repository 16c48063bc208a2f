"""`context show` on folders that hold more than files with good names."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lightship.printable import is_hidden

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Answer

    Lightship = Callable[..., Answer]

_AS_NOBODY = """
import contextlib, io, os, sys
from lightship.cli.run import run
with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
    run(sys.argv[1:])  # All modules are read: nobody may not be allowed to.
os.setgroups([]); os.setgid(65534); os.setuid(65534)
sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A folder with a FIFO, a socket, a link that leads out, and names no screen should get."""
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM x\nCOPY . .\n", encoding="utf-8")
    os.mkfifo(folder / "pipe")
    with chdir(folder), socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
    (folder / "link").symlink_to("/etc/passwd")
    for name in (b"caf\xe9", b"a\nb", b"\x1b[31mred", "a\u202eb".encode()):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(b"x" * 10)
    return folder


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_no_name_reaches_the_screen_as_it_is(lightship: Lightship, odd: Path, form: str) -> None:
    answer = lightship("context", "show", str(odd), "--all", "--format", form)
    assert (answer.code, answer.err) == (0, "")
    assert not any(is_hidden(char) for char in answer.out.replace("\n", ""))
    answer.out.encode("utf-8")


def test_what_is_no_file_is_counted_and_not_opened(lightship: Lightship, odd: Path) -> None:
    """Opening a FIFO would wait forever."""
    answer = lightship("context", "show", str(odd))
    assert ", 3 links or special files\n" in answer.out
    told = json.loads(lightship("context", "show", str(odd), "--format", "json").out)
    assert told["sent"]["files"] == 5
    assert told["others"] == 3


def test_an_ignore_file_that_leads_out_is_told(lightship: Lightship, odd: Path) -> None:
    (odd / ".dockerignore").symlink_to(odd.parent / "elsewhere")
    (odd.parent / "elsewhere").write_text("*\n", encoding="utf-8")
    told = ".dockerignore is not read"
    assert told in lightship("context", "show", str(odd)).out
    legacy = lightship("context", "show", str(odd), "--builder", "legacy").out
    assert told in legacy
    assert "--ignorefile" in legacy
    (odd / "Dockerfile.dockerignore").write_text("pipe\n", encoding="utf-8")
    assert told not in lightship("context", "show", str(odd)).out


def test_a_device_is_counted_and_not_opened(lightship: Lightship, odd: Path) -> None:
    try:
        os.mknod(odd / "zero", 0o20666, os.makedev(1, 5))
    except OSError as error:
        pytest.skip(f"no devices here: {error}")
    assert ", 4 links or special files\n" in lightship("context", "show", str(odd)).out


def test_the_bytes_of_names_are_in_json(lightship: Lightship, odd: Path) -> None:
    told = json.loads(lightship("context", "show", str(odd), "--format", "json").out)
    names = {node["path"]: node.get("path_base64") for node in told["tree"]}
    assert names["caf\ufffd"] == "Y2Fm6Q=="
    assert names["a\nb"] is None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become nobody")
@pytest.mark.parametrize(
    ("ignore", "told"),
    [("", "warning: not readable: shut: permission denied\n"), ("shut\n", "")],
)
def test_a_directory_that_may_not_be_read_is_told(odd: Path, ignore: str, told: str) -> None:
    shut = odd / "shut"
    shut.mkdir()
    (shut / "x").write_bytes(b"x")
    shut.chmod(0)
    (odd / ".dockerignore").write_text(ignore, encoding="utf-8")
    for above in (odd, *odd.parents):
        if above.stat().st_uid == os.getuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o055)
    command = [sys.executable, "-c", _AS_NOBODY, "context", "show", str(odd)]
    home = os.environ | {"HOME": str(odd), "XDG_CONFIG_HOME": str(odd)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=home)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line for line in done.stdout.splitlines(keepends=True) if "not readable" in line]
    assert [line.lower() for line in lines] == ([told] if told else [])
