"""Progress of long work: silent by default, passed in by whoever has a screen."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told what is being read. Calls may come from several threads."""

    def begin(self, what: str, total_bytes: int | None) -> None:
        """A stretch of work starts; `total_bytes` (stored bytes) is None if not known."""

    def advance(self, done_bytes: int) -> None:
        """So many more stored bytes were read."""

    def end(self) -> None:
        """The stretch of work is over, well or badly."""

    def note(self, text: str) -> None:
        """Something a person should know while it happens; one line, foreign names inside."""


class Silent:
    """Says nothing."""

    def begin(self, what: str, total_bytes: int | None) -> None: ...

    def advance(self, done_bytes: int) -> None: ...

    def end(self) -> None: ...

    def note(self, text: str) -> None: ...


SILENT: Progress = Silent()
