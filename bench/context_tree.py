"""A build context of 200,000 files in the folders of a project: made once, of empty blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES = 200_000
IGNORE_FILES = {
    "none": "",
    "plain": "node_modules\n.git\ndist\n",
    "deep": "".join(
        f"**/{name}\n"
        for name in (
            *("node_modules", ".git", "*.pyc", "__pycache__", "dist", "build"),
            *(".venv", "*.log", ".cache", "coverage", ".DS_Store", "*.tmp"),
        )
    ),
    "except": "node_modules\n.git\ndocs\n!node_modules/p1\n!docs/c1\n",
    "allow": "*\n!src\n!**/*.md\n",
}
"""By name: nothing, plain names, endings at any depth, plain exceptions, and all but what is let in
by a wildcard."""

_PARTS = ("", "lib", "lib/a", "lib/b", "dist", "dist/x", "test", "types")


def make(root: Path) -> Path:
    """Return the folder; it is made if it is not there."""
    done = root / "made"
    folder = root / "tree"
    if not done.exists():
        for directory, names in _directories():
            (folder / directory).mkdir(parents=True, exist_ok=True)
            for number, name in enumerate(names):
                with (folder / directory / name).open("wb") as file:
                    file.truncate(100 + number)
        done.touch()
    return folder


def _directories() -> Iterator[tuple[str, list[str]]]:
    suffixes = ("js", "ts", "map", "json", "d.ts")
    for package in range(600):
        for part in _PARTS:
            names = [f"module{number}.{suffixes[number % 5]}" for number in range(25)]
            yield f"node_modules/p{package}/{part}", names
    for number in range(256):
        yield f".git/objects/{number:02x}", [f"{one:038x}" for one in range(117)]
    yield ".git", [f"pack{number}" for number in range(48)]
    for package in range(1_500):
        names = [f"mod{one}.{'py' if one % 10 else 'pyc'}" for one in range(30)]
        yield f"src/m{package // 50}/s{package % 50}", names
    for chapter in range(500):
        yield f"docs/c{chapter // 20}/d{chapter % 20}", [f"page{one}.md" for one in range(10)]
