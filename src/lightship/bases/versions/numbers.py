"""Numbers in versions: of any length, compared without being made into integers."""

from __future__ import annotations

MAX_CHARS = 1000
"""A longer text is no version: the longest of Debian's archive has less than 100."""

Number = tuple[int, str]


def number(digits: str) -> Number:
    """A key that orders like the number: its length without leading zeros, then its digits."""
    stripped = digits.lstrip("0")
    return len(stripped), stripped


def checked(version: str) -> str:
    """A version that is worth looking at.

    Raises:
        ValueError: it is empty or too long.
    """
    if not version or len(version) > MAX_CHARS:
        raise ValueError("an empty version" if not version else "a version that is too long")
    return version
