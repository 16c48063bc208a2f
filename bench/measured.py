"""One child process, and what the kernel says that it cost.

On Linux a child's peak memory starts at the peak of the process that started it, so this process
stays small: whatever needs memory (the floor, the synthetic images) runs as a child as well.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MOST_OUTPUT_BYTES = 8 << 20


@dataclass(frozen=True)
class Usage:
    """What one run took; ``cpu_seconds`` is user and system time of the child and its children."""

    cpu_seconds: float
    wall_seconds: float
    max_rss_bytes: int
    exit_code: int
    stdout: bytes
    stderr_tail: str


def run_measured(command: Sequence[str | Path], environment: Mapping[str, str]) -> Usage:
    """Run a command to its end; its output goes to files, as a pipe would couple it to us."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        child = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, **environment},
        )
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        answer = out.read(MOST_OUTPUT_BYTES)
        err.seek(0)
        tail = err.read()[-2000:].decode("utf-8", "replace")
    return Usage(
        cpu_seconds=used.ru_utime + used.ru_stime,
        wall_seconds=wall,
        max_rss_bytes=used.ru_maxrss * 1024,
        exit_code=child.returncode,
        stdout=answer,
        stderr_tail=tail,
    )
