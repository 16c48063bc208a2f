"""The commands that write images, and what may not change when one of them fails."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS: dict[str, tuple[str, ...]] = {
    "squash": ("squash", "--keep", "none"),
    "keep": ("squash", "--keep", "0"),
    "clean": ("clean", "--path", "/a", "--touch-base"),
    "squash --clean": ("squash", "--keep", "none", "--clean"),
    "recompress": ("recompress", "--codec", "zstd", "--level", "19"),
    "copy": ("copy",),
}
KINDS = ("oci", "docker-archive", "oci-archive")


def place(arguments: tuple[str, ...], source: str, destination: str) -> list[str]:
    """A command line from a source to a destination."""
    if arguments[0] == "copy":
        return [*arguments, source, destination]
    return [*arguments, source, "-o", destination]


def snapshot(directory: Path) -> dict[str, str]:
    """What lies below a directory: paths, and what their files hold."""
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else "d"
        for path in sorted(directory.rglob("*"))
    }
