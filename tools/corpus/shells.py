"""Whether `bash -n` and `dash -n` take a text."""

from __future__ import annotations

import shutil
import subprocess
from functools import lru_cache


def shells() -> tuple[str, ...]:
    """Those of the two that are installed."""
    return tuple(name for name in ("bash", "dash") if shutil.which(name))


@lru_cache(maxsize=20_000)
def accepts(shell: str, text: str) -> bool:
    """Whether the shell can parse it."""
    run = subprocess.run(
        [shell, "-n"],
        input=text.encode("utf-8", "surrogateescape"),
        capture_output=True,
        check=False,
        env={"LC_ALL": "C.UTF-8"},
    )
    return run.returncode == 0


def newly_rejected(before: set[str], after: set[str]) -> list[tuple[str, str]]:
    """Shell and text of bodies that are new and rejected, though none of the old ones was."""
    gone, fresh = before - after, after - before
    return [
        (shell, text)
        for shell in shells()
        for text in sorted(fresh)
        if not accepts(shell, text) and all(accepts(shell, old) for old in gone)
    ]
