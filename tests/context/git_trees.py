"""Random folders with `.gitignore` files, and what git itself says of them."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

NAMES = ["a", "b", "build", "foo", "foo.log", "x.py", "ab", "a b", "keep", "#x", "!y", "ä", "bar"]
PIECES = [
    *("a", "b", "foo", "build", "*", "**", "?", "/", "/", "*.log", "!", "[a-c]", "[!a]", "[^b]"),
    *("[[:alpha:]]", "\\", "\\#", "#", "x.py", "ä", " ", "keep", "[]a]", "[a", "*/", "**/", "/**"),
    *("bar", ".", "+", "(", "\t", "\r"),
]
COMMON = [
    *("build/", "*.log", "/foo", "foo/*", "!foo/keep", "*", "!*/", "!*.py", "/*", "!/a", "a/**/b"),
    *("a**b", "**/keep", "foo/**", "**/a/", "!keep", "ab ", "\\!y", "\\#x", "Icon[\r]"),
]


def grow(random: Random, folder: Path, depth: int = 0) -> None:
    """Fill a folder."""
    for name in random.sample(NAMES, random.randint(1, 5)):
        if depth < 3 and random.random() < 0.5:
            (folder / name).mkdir()
            grow(random, folder / name, depth + 1)
        else:
            (folder / name).write_text("x")
    if depth == 0 or random.random() < 0.2:
        (folder / ".gitignore").write_text(
            "".join(f"{_line(random)}\n" for _ in range(random.randint(1, 6)))
        )


def _line(random: Random) -> str:
    if random.random() < 0.6:
        return random.choice(COMMON)
    return "".join(random.choices(PIECES, k=random.randint(1, 5)))


def git(folder: Path, *words: str) -> bytes:
    """What git answers; settings of this machine have no say."""
    nowhere = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    return subprocess.run(
        ["git", *words], cwd=folder, check=True, capture_output=True, env={**os.environ, **nowhere}
    ).stdout


def kept_by_git(folder: Path) -> set[str]:
    """Files that git has or would take."""
    listed = git(folder, "ls-files", "-z", "-o", "-c", "--exclude-standard")
    return {os.fsdecode(path) for path in listed.split(b"\0") if path}


def files_of(folder: Path) -> set[str]:
    """Every file, but for what is in `.git`."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir())
    return {str(path) for path in paths if ".git" not in path.parts}
