"""What a command did with hostile input, and what it may never do."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ALLOWED = {"\n"}


@dataclass(frozen=True)
class Outcome:
    """Exit code and both streams of one run."""

    exit_code: int
    stdout: str
    stderr: str

    def refused(self, exit_code: int = 4) -> str:
        """It said why in one line, with this exit code, and nothing on standard output."""
        assert self.exit_code == exit_code, (self.exit_code, self.stderr)
        assert self.stdout == ""
        lines = self.stderr.splitlines()
        assert len(lines) == 1, self.stderr
        assert lines[0].startswith("lightship: error: ")
        assert "Traceback" not in self.stderr
        assert_printable(self.stderr)
        return lines[0]


def assert_printable(text: str) -> None:
    """Nothing in it moves a cursor, changes a colour, or turns the direction of writing."""
    hidden = {
        char
        for char in text
        if char not in ALLOWED and unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    }
    assert not hidden, sorted(map(hex, map(ord, hidden)))


def command(
    *arguments: str,
    stdin: Path | None = None,
    memory_bytes: int | None = None,
    cache: Path | None = None,
) -> Outcome:
    """Run the program in a process of its own."""

    def limit() -> None:
        if memory_bytes:
            resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))

    environment = {key: value for key, value in os.environ.items() if "LIGHTSHIP" not in key}
    environment |= {"NO_COLOR": "1", "PYTHONWARNINGS": "error", "MALLOC_ARENA_MAX": "2"}
    if cache:
        environment["LIGHTSHIP_CACHE_DIR"] = str(cache)
    finished = subprocess.run(
        [sys.executable, "-m", "lightship", *arguments],
        input=stdin.read_bytes() if stdin else b"",
        capture_output=True,
        env=environment,
        check=False,
        timeout=300,
        preexec_fn=limit,
    )
    return Outcome(
        finished.returncode,
        finished.stdout.decode("utf-8"),
        finished.stderr.decode("utf-8"),
    )
