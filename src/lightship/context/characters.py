"""Sets of characters, as a class of a Go regexp names them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from lightship.context.go_text import INVALID

if TYPE_CHECKING:
    from collections.abc import Iterator

LAST = 0x10FFFF
_ESCAPES = (0xDC80, 0xDCFF)


class Characters(NamedTuple):
    """A set of characters.

    Attributes:
        ranges: of code points, both ends belong to them.
        categories: Unicode general categories, or only their first letters, with whether to take
            all others instead.
        is_negated: whether it holds all that is not named.
    """

    ranges: tuple[tuple[int, int], ...]
    categories: tuple[tuple[tuple[str, ...], bool], ...] = ()
    is_negated: bool = False

    def holds(self, character: str) -> bool:
        """Whether a character belongs to it; a surrogate escape is read as U+FFFD."""
        if "\udc80" <= character <= "\udcff":
            character = INVALID
        code = ord(character)
        named = any(low <= code <= high for low, high in self.ranges) or any(
            unicodedata.category(character).startswith(names) != others
            for names, others in self.categories
        )
        return named != self.is_negated

    @property
    def expression(self) -> str:
        """Python's notation for it, where it has no categories."""
        ranges = list(self._as_escapes())
        is_negated = self.is_negated != (not ranges)
        ranges = ranges or [(0, LAST)]
        if len(ranges) == 1 and ranges[0][0] == ranges[0][1] and not is_negated:
            return re.escape(chr(ranges[0][0]))
        inner = "".join(
            _escaped(low) if low == high else f"{_escaped(low)}-{_escaped(high)}"
            for low, high in ranges
        )
        return f"[{'^' if is_negated else ''}{inner}]"

    def _as_escapes(self) -> Iterator[tuple[int, int]]:
        """Its ranges, where surrogate escapes stand for U+FFFD and for nothing else."""
        for low, high in self.ranges:
            for bound, limit in ((low, _ESCAPES[0] - 1), (_ESCAPES[1] + 1, high)):
                begin, end = max(low, bound), min(high, limit)
                if begin <= end:
                    yield begin, end
            if low <= ord(INVALID) <= high:
                yield _ESCAPES


def _escaped(code: int) -> str:
    letter = chr(code)
    is_plain = letter == "/" or (letter.isascii() and letter.isalnum())
    return letter if is_plain else f"\\U{code:08x}"


def single(character: str) -> Characters:
    """One character alone."""
    return Characters(((ord(character), ord(character)),))


NOT_NEWLINE = Characters(((0x0A, 0x0A),), is_negated=True)
