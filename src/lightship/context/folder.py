"""A folder that a build gets its files from, looked at without following links."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Folder:
    """A build context."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def open(cls, path: Path) -> Folder:
        """Look at a folder."""
        return cls(path)
