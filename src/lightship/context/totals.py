"""How much of something there is."""

from __future__ import annotations

from msgspec import Struct


class Totals(Struct, gc=False):
    """How much of something there is.

    Attributes:
        files: names of regular files.
        content_bytes: their sizes, uncompressed.
    """

    files: int = 0
    content_bytes: int = 0

    def add(self, content_bytes: int, files: int = 1) -> None:
        """Count files."""
        self.files += files
        self.content_bytes += content_bytes
