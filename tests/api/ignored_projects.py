"""Small projects that `context init` makes an ignore file for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.api.context_init import context_init
from lightship.context.deciding import decided
from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.context.builders import Builder

BUILDERS: tuple[Builder, ...] = ("buildkit", "legacy", "buildah")
WHOLE = "FROM base\nCOPY . /app\n"


def project(root: Path, files: dict[str, str | int]) -> Path:
    """Files with their text, or of so many bytes."""
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(content) if isinstance(content, int) else content.encode())
    return root


def ignored(root: Path, path: str, builder: Builder = "buildkit") -> bool:
    """Whether the ignore file that `context init` makes leaves a path out."""
    text = context_init(root, replace=True).text
    return decided(Matcher(read_ignore_file(text.encode()).patterns), builder, path).ignored
