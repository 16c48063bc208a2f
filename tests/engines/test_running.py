from __future__ import annotations

import os
import sys
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from lightship.engines.running import ProgramError, output_of, whole_output

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 1 << 20


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


def read(script: str, place: Path, *, stall_seconds: float = 30) -> bytes:
    environment = {**os.environ, "TMPDIR": str(place)}
    return whole_output(shell(script), environment, limit=LIMIT, stall_seconds=stall_seconds)


def complaint(script: str, place: Path, *, stall_seconds: float = 30) -> str:
    with pytest.raises(ProgramError) as caught:
        read(script, place, stall_seconds=stall_seconds)
    assert list(place.iterdir()) == []
    return str(caught.value)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_a_program_writes(tmp_path: Path) -> None:
    assert read("printf abc; printf def", tmp_path) == b"abcdef"
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_read_from_our_own_input(tmp_path: Path) -> None:
    assert read("cat", tmp_path) == b""


def test_the_last_line_of_a_complaint_is_passed_on(tmp_path: Path) -> None:
    script = "echo first >&2; echo 'Error: it  is\tbad.' >&2; echo >&2; exit 3"
    assert complaint(script, tmp_path) == "it is bad"


def test_a_failure_without_a_word(tmp_path: Path) -> None:
    assert complaint("printf half; exit 3", tmp_path) == "exit code 3"
    assert complaint("kill -9 $$", tmp_path) == "ended by signal 9"


def test_a_flood_of_complaints_blocks_nobody_and_is_cut(tmp_path: Path) -> None:
    script = f"{sys.executable} -c 'import sys; sys.stderr.write(\"x\" * 5_000_000)'; exit 1"
    said = complaint(script, tmp_path)
    assert set(said) == {"x"}
    assert len(said) <= 300


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="cannot be started: No such file"):
        whole_output(["/nowhere/x"], {"TMPDIR": str(tmp_path)}, limit=1, stall_seconds=1)
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_says_nothing(tmp_path: Path) -> None:
    assert "wrote nothing for 0.2 s" in complaint("exec sleep 600", tmp_path, stall_seconds=0.2)


def test_an_answer_without_end(tmp_path: Path) -> None:
    assert f"more than {LIMIT} bytes" in complaint("exec cat /dev/zero", tmp_path)


def test_leaving_early_ends_the_program_and_removes_what_it_left(tmp_path: Path) -> None:
    script = "echo $$; echo x > $TMPDIR/blob; mkdir $TMPDIR/more; exec cat /dev/zero"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with output_of(shell(script), environment, stall_seconds=30) as pieces:
        process = int(next(pieces).split(b"\n")[0])
        assert next(islice(pieces, 20, None))
        assert is_running(process)
        assert list(tmp_path.iterdir())
    assert not is_running(process)
    assert list(tmp_path.iterdir()) == []
