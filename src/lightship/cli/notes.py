"""Lines on standard error: notes where no person looks at bars, and what went wrong."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from lightship.cli.build_logs import obeyed_by_none
from lightship.cli.terminal import wants_color
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


def say_error(message: str, color: str) -> None:
    """One line that says what went wrong; `message` is printable, `color` as `--color` has it."""
    # A line break would make one message look like two.
    line = " ".join(message.splitlines())
    label = "error:"
    if wants_color(color, sys.stderr, os.environ):
        label = f"\x1b[1;31m{label}\x1b[0m"
    write_error(obeyed_by_none(f"lightship: {label} {line}\n", "text"))


def write_error(text: str) -> None:
    """To standard error, if anybody listens there."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(text)
            sys.stderr.flush()
