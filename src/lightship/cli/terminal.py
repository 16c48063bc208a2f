"""What a screen can show: colour, width, characters."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.report.paper import Look

# For pipes and files, which have no width of their own.
_WIDTH = 120
_NARROWEST = 40


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at it."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def wants_color(choice: str, stream: TextIO | None, environment: Mapping[str, str]) -> bool:
    """Whether to colour: what was chosen, then the environment, then whether it is a terminal.

    See no-color.org, force-color.org and bixense.com/clicolors.
    """
    if choice in {"always", "never"}:
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    forced = (environment.get("FORCE_COLOR", ""), environment.get("CLICOLOR_FORCE", ""))
    if any(value not in {"", "0"} for value in forced):
        return True
    if environment.get("CLICOLOR") == "0" or environment.get("TERM") == "dumb":
        return False
    return is_terminal(stream)


def is_unicode(stream: TextIO) -> bool:
    """Whether the stream's encoding has every character."""
    return (getattr(stream, "encoding", None) or "").lower().replace("-", "") in {
        "utf8",
        "utf16",
        "utf32",
    }


def look_of(stream: TextIO, color: str) -> Look:
    """How to draw on this stream; `color` is auto, always or never."""
    from lightship.report.paper import Look  # noqa: PLC0415 # errors need no report

    terminal = is_terminal(stream)
    colored = wants_color(color, stream, os.environ)
    width = shutil.get_terminal_size((_WIDTH, 24)).columns if terminal else _piped_width()
    return Look(
        width=max(width, _NARROWEST),
        color=colored,
        unicode=is_unicode(stream),
        bars=terminal or colored,
    )


def _piped_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isascii() and columns.isdigit() and len(columns) < 6 else _WIDTH
