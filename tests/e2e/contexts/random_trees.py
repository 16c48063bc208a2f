"""Random trees and ignore files, which builders of every age read alike."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

_NAMES = ("a", "b", "ab", "a.py", "b.md", ".env", ".x", "A", "src", "docs", "a b", "é", "x.tar.gz")
_ODD = b"\xff\xfe"
_REAL = ("*", "**/*.py", "*.md", "**/.x", "src", "docs/", "/a", "src/*", "**/a", "a/**", "**/*.md",
         "*/b", "?", "[ab]", "*.*", ".*", "**/ab", "src/**/a", "# note", "", "a/../b", "./src",
         "  docs  ", "**", "*/*/a", "[!a]", "[^a]", "a?", "\\a", "é", "a b", "A")  # fmt: skip


def write_tree(root: Path, random: Random) -> None:
    """A few directories one in another, with files, links, FIFOs and nothing."""
    _fill(root, random, 0)


def ignore_file(random: Random, builder: str) -> str:
    """A few lines; some let in again what others leave out.

    Docker 20.10 reads some files in another way than today's: docs/explanation/context-builders.md.
    Those are not among them.
    """
    lines = [_line(random) for _ in range(random.randint(1, 6))]
    if random.random() < 0.4:
        return "".join(line + "\n" for line in lines)
    lines = [random.choice(("*", "src", "src/*", "a", "docs/*", "*.py", "a/b")), *lines]
    if builder != "buildah":
        lines = [line for line in lines if "**" not in line]
    excepted = [_excepted(random, builder) for _ in range(random.randint(1, 4))]
    return "".join(line + "\n" for line in (*lines, *excepted))


def any_ignore_file(random: Random) -> str:
    """Lines of every kind in any order, wildcard exceptions and `**` beside exceptions too."""
    lines = [_line(random) for _ in range(random.randint(1, 5))]
    if random.random() < 0.6:
        lines = [random.choice(("*", "src", "src/*", "a", "docs/*", "**/a", "a/b", "**")), *lines]
    names = (*_NAMES, "*", "**", "a*", "?", "*.py", "**")
    lines += [
        "!" + "/".join(random.choice(names) for _ in range(random.randint(1, 3)))
        for _ in range(random.randint(0, 4))
    ]
    if random.random() < 0.3:
        random.shuffle(lines)
    return "".join(line + "\n" for line in lines)


def _excepted(random: Random, builder: str) -> str:
    names = _NAMES if builder == "buildkit" else (*_NAMES, "*", "a*", "?")
    return "!" + "/".join(random.choice(names) for _ in range(random.randint(1, 3)))


def _fill(folder: Path, random: Random, depth: int) -> None:
    for name in random.sample(_NAMES, random.randint(depth == 0, 5)):
        path = folder / name
        roll = random.random()
        if roll < 0.45 and depth < 4:
            path.mkdir()
            _fill(path, random, depth + 1)
        elif roll < 0.55:
            path.symlink_to(random.choice(("a", "../b", "nowhere", ".")))
        elif roll < 0.6:
            os.mkfifo(path)
        else:
            path.write_text(str(random.random()))
    if random.random() < 0.05:
        (folder / os.fsdecode(_ODD)).write_text("odd")


def _line(random: Random) -> str:
    if random.random() < 0.5:
        line = random.choice(_REAL)
    else:
        line = "/".join(
            random.choice((*_NAMES, "*", "**", "a*", "*.py", "?"))
            for _ in range(random.randint(1, 3))
        )
    return line
