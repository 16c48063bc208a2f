"""What to do about a line of an ignore file that builds fail for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lightship.context.ignore_file import Refusal

_HINTS = (
    ("is a lone !", "Remove the line, or write after ! what is let in."),
    ("has a [ ", "Write \\[ for a bracket that means itself."),
    ("has - ", "Write \\- for a hyphen that means itself."),
    ("has ] ", "Write \\] for a bracket that means itself."),
    ("has a byte in [", "Write ? for such a byte."),
    ("ends with a lone \\", "Remove the \\, or write \\\\ for one that means itself."),
    ("is no valid pattern", "Write ? in place of a [, { or \\."),
    ("has a control character", "Write ? for it."),
    ("", "Shorten or remove the line."),
)


def hint_for(refusal: Refusal) -> str:
    """One sentence."""
    return next(hint for begin, hint in _HINTS if refusal.reason.startswith(begin))
