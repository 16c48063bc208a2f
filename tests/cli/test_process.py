"""The program as a process: start-up, closed pipes, full disks, interrupts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = (sys.executable, "-m", "lightship")
HEAVY = ("rich", "msgspec", "platformdirs", "isal", "xxhash", "tomllib", "asyncio")


def imported_by(*arguments: str) -> set[str]:
    done = subprocess.run(
        (sys.executable, "-X", "importtime", "-m", "lightship", *arguments),
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def least_seconds(*arguments: str) -> float:
    """Of processor time, which other work on the machine does not lengthen as it does the wait."""
    best = 99.0
    for _ in range(5):
        before = os.times()
        subprocess.run((sys.executable, *arguments), capture_output=True, check=True)
        after = os.times()
        user = after.children_user - before.children_user
        best = min(best, user + after.children_system - before.children_system)
    return best


def test_version_imports_nothing() -> None:
    assert not {"click", *HEAVY} & imported_by("--version")


def test_help_imports_no_command_and_no_report() -> None:
    modules = imported_by("--help")
    assert not set(HEAVY) & modules
    assert not {name for name in modules if name.startswith(("lightship.report", "lightship.api"))}


@pytest.mark.slow
def test_starts_fast() -> None:
    assert least_seconds("-m", "lightship", "--version") < 0.12
    assert least_seconds("-m", "lightship", "--help") < 0.2


def test_version() -> None:
    done = subprocess.run((*PROGRAM, "--version"), capture_output=True, text=True, check=True)
    assert done.stdout.startswith("lightship ")
    quiet = subprocess.run((*PROGRAM, "inspect", "--version"), capture_output=True, check=False)
    assert quiet.returncode == 2


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        (*PROGRAM, "--show-settings"),
        stdout=write,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_full_disk_is_exit_code_5(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            (*PROGRAM, "--show-settings"),
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            check=False,
        )
    assert done.returncode == 5
    assert done.stderr == b"lightship: error: standard output: No space left on device\n"


def test_a_closed_standard_output_is_exit_code_5(tmp_path: Path) -> None:
    command = f"{sys.executable} -m lightship --show-settings >&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, cwd=tmp_path, check=False)
    assert done.returncode == 5
    assert done.stderr.count(b"\n") == 1


def test_a_closed_standard_error_changes_nothing(tmp_path: Path) -> None:
    command = f"{sys.executable} -m lightship inspct 2>&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (2, b"")


def test_garbage_arguments_are_usage_errors(tmp_path: Path) -> None:
    done = subprocess.run(
        (*PROGRAM, b"\xff\xfe", b"--\xff\x1b"), capture_output=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"\x1b" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_standard_output(encoding: str, tmp_path: Path) -> None:
    folder = tmp_path / "写真"
    folder.mkdir()
    done = subprocess.run(
        (*PROGRAM, "inspect", "--show-settings", "--cache-dir", str(folder)),
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        cwd=tmp_path,
        check=True,
    )
    shown = "写真" if encoding == "utf-8" else r"\u5199\u771f"
    assert shown in done.stdout.decode(encoding)


def test_completion_knows_commands_and_options(tmp_path: Path) -> None:
    for words, found in (("lightship ins", "inspect"), ("lightship inspect --plat", "--platform")):
        done = subprocess.run(
            PROGRAM,
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={
                **os.environ,
                "_LIGHTSHIP_COMPLETE": "bash_complete",
                "COMP_WORDS": words,
                "COMP_CWORD": str(len(words.split()) - 1),
            },
        )
        assert found in done.stdout


def test_terminated_is_one_line_and_its_own_code(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "lightship", "inspect", f"docker-archive:{pipe}"]
    # Opening the pipe to write waits until it is read.
    with (
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process,
        pipe.open("wb"),
    ):
        process.terminate()
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (143, "lightship: error: terminated\n")
