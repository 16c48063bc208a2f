"""Notes without bars, for a standard error that no person looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.cli.build_logs import obeyed_by_none
from lightship.printable import printable
from lightship.progress import Silent

if TYPE_CHECKING:
    from typing import TextIO


class Notes(Silent):
    """Silent but for notes."""

    def __init__(self, screen: TextIO) -> None:
        self._screen = screen

    def note(self, text: str) -> None:
        """One line."""
        self._screen.write(obeyed_by_none(printable(f"lightship: {text}"), "text") + "\n")
        self._screen.flush()
