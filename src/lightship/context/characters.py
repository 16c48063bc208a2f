"""Sets of characters, as a class of a Go regexp names them."""

from __future__ import annotations

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
        categories: first letters of Unicode general categories, with whether to take all others
            instead. Python's and Go's tables may be of different Unicode versions.
        is_negated: whether it holds all that is not named.
    """

    ranges: tuple[tuple[int, int], ...]
    categories: tuple[tuple[str, bool], ...] = ()
    is_negated: bool = False

    def holds(self, character: str) -> bool:
        """Whether a character belongs to it; a surrogate escape is read as U+FFFD."""
        if "\udc80" <= character <= "\udcff":
            character = INVALID
        code = ord(character)
        named = any(low <= code <= high for low, high in self.ranges) or any(
            _is_of(character, letter) != others for letter, others in self.categories
        )
        return named != self.is_negated

    @property
    def expression(self) -> str:
        """Python's notation for it, where it has no categories."""
        if len(self.ranges) == 1 and not self.is_negated:
            low, high = self.ranges[0]
            if low == high and low != ord(INVALID):
                return _escaped(low)
        ranges = [f"{_escaped(low)}-{_escaped(high)}" for low, high in self._as_escapes()]
        return f"[{'^' if self.is_negated else ''}{''.join(ranges)}]"

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
    return f"\\U{code:08x}"


def single(character: str) -> Characters:
    """One character alone."""
    return Characters(((ord(character), ord(character)),))


NOT_SLASH = Characters(((0x2F, 0x2F),), is_negated=True)
NOT_NEWLINE = Characters(((0x0A, 0x0A),), is_negated=True)


def _is_of(character: str, letter: str) -> bool:
    """Whether it is of a category; Go's `C` leaves out what is not assigned."""
    category = unicodedata.category(character)
    return category[0] == letter
