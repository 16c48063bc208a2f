"""The one line that says that a source of advisories cannot be used."""

from __future__ import annotations

from lightship.errors import CorruptInputError

_MAX_WHY = 300


def unusable(place: str, why: str) -> CorruptInputError:
    """A source that is broken, or of a form that is not read."""
    return CorruptInputError(f"{place}: no advisories can be read of it: {why[:_MAX_WHY]}")
