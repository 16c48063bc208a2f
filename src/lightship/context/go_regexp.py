"""A Go regexp, read into a short list of items: what a pattern's regexp can hold, and no more.

Source: Go's package regexp/syntax (its `Perl` flags), as of Go 1.27, for text that
`expression.translate` makes: no repetition but of `[^/]`, of a class and of `.`, no group but
`(.*/)?`.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from lightship.context.characters import NOT_NEWLINE, Characters, single
from lightship.context.expression import ANY_DEPTH, ANYTHING


class Step(Enum):
    """What an item does."""

    ONE = "one character of a set"
    STAR = "any number of them"
    DEPTH = "`(.*/)?`: nothing, or all up to a slash"
    BEGIN = "only at the beginning"
    END = "only at the end"
    EDGE = "only at the edge of a word of [0-9A-Za-z_]"
    NO_EDGE = "only elsewhere"


class Item(NamedTuple):
    """One step through a path."""

    step: Step
    characters: Characters = NOT_NEWLINE


_PLACES = {"A": Step.BEGIN, "z": Step.END, "b": Step.EDGE, "B": Step.NO_EDGE}
_PERL = {
    "d": ((0x30, 0x39),),
    "s": ((0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)),
    "w": ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)),
}
_POSIX = {
    "alnum": ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)),
    "alpha": ((0x41, 0x5A), (0x61, 0x7A)),
    "ascii": ((0x00, 0x7F),),
    "blank": ((0x09, 0x09), (0x20, 0x20)),
    "cntrl": ((0x00, 0x1F), (0x7F, 0x7F)),
    "digit": ((0x30, 0x39),),
    "graph": ((0x21, 0x7E),),
    "lower": ((0x61, 0x7A),),
    "print": ((0x20, 0x7E),),
    "punct": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "space": ((0x09, 0x0D), (0x20, 0x20)),
    "upper": ((0x41, 0x5A),),
    "word": _PERL["w"],
    "xdigit": ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66)),
}
_CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_OCTAL = "01234567"
_HEX = "0123456789abcdefABCDEF"
_LAST = 0x10FFFF


class GoSyntaxError(ValueError):
    """What Go does not compile."""


def read(regexp: str) -> list[Item]:
    """Its items, in order.

    Raises:
        GoSyntaxError: Go does not compile it.
    """
    return _Reader(regexp).items()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def items(self) -> list[Item]:
        found: list[Item] = []
        while self._at < len(self._text):
            if self._takes("\\Q"):
                end = self._text.find("\\E", self._at)
                quoted = self._text[self._at : end if end >= 0 else None]
                found.extend(Item(Step.ONE, single(one)) for one in quoted)
                self._at += len(quoted) + 2
            else:
                found.append(self._item())
        return found

    def _item(self) -> Item:
        if self._takes(ANY_DEPTH):
            return Item(Step.DEPTH)
        if self._takes(ANYTHING):
            return Item(Step.STAR)
        if self._takes("^"):
            return Item(Step.BEGIN)
        if self._takes("$"):
            return Item(Step.END)
        if self._text[self._at] == "\\" and self._text[self._at + 1 : self._at + 2] in _PLACES:
            self._at += 2
            return Item(_PLACES[self._text[self._at - 1]])
        characters = self._class() if self._takes("[") else self._group() or self._one()
        return Item(Step.STAR if self._takes("*") else Step.ONE, characters)

    def _takes(self, text: str) -> bool:
        if not self._text.startswith(text, self._at):
            return False
        self._at += len(text)
        return True

    def _one(self) -> Characters:
        return single(chr(self._character()))

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise GoSyntaxError("it ends too early")
        self._at += 1
        return self._text[self._at - 1]

    def _character(self) -> int:
        letter = self._next()
        if letter != "\\":
            return ord(letter)
        letter = self._next()
        following = self._text[self._at : self._at + 1]
        if letter == "0" or (letter in _OCTAL and following and following in _OCTAL):
            digits = letter
            while len(digits) < 3 and following and following in _OCTAL:
                digits += self._next()
                following = self._text[self._at : self._at + 1]
            return int(digits, 8)
        if letter == "x":
            digits = self._next() + self._next()
            if all(one in _HEX for one in digits):
                return int(digits, 16)
        elif letter in _CONTROLS:
            return ord(_CONTROLS[letter])
        elif letter.isascii() and not letter.isalnum():
            return ord(letter)
        raise GoSyntaxError("an escape that Go does not know")

    def _group(self) -> Characters | None:
        """A class of Perl's, or a category of Unicode's."""
        if not self._text.startswith("\\", self._at):
            return None
        letter = self._text[self._at + 1 : self._at + 2]
        if letter and letter in "dswDSW":
            self._at += 2
            return Characters(_PERL[letter.lower()], is_negated=letter.isupper())
        if letter and letter in "pP":
            self._at += 2
            category = self._next()
            if category not in "CLMNPSZclmnpsz":
                raise GoSyntaxError("a category that Go does not know")
            return Characters((), ((category.upper(), letter == "P"),))
        return None

    def _class(self) -> Characters:
        is_negated = self._takes("^")
        ranges: list[tuple[int, int]] = []
        categories: list[tuple[str, bool]] = []
        is_first = True
        while is_first or not self._takes("]"):
            is_first = False
            group = self._named() or self._group()
            if group is None:
                ranges.append(self._range())
            else:
                ranges.extend(_without(group.ranges) if group.is_negated else group.ranges)
                categories.extend(group.categories)
        return Characters(tuple(ranges), tuple(categories), is_negated)

    def _named(self) -> Characters | None:
        if not self._text.startswith("[:", self._at):
            return None
        end = self._text.find(":]", self._at + 2)
        if end < 0:
            return None
        name = self._text[self._at + 2 : end]
        ranges = _POSIX.get(name.removeprefix("^"))
        if ranges is None:
            raise GoSyntaxError("a class that Go does not know")
        self._at = end + 2
        return Characters(ranges, is_negated=name.startswith("^"))

    def _range(self) -> tuple[int, int]:
        low = high = self._character()
        rest = self._text[self._at : self._at + 2]
        if len(rest) == 2 and rest[0] == "-" and rest[1] != "]":
            self._at += 1
            high = self._character()
            if high < low:
                raise GoSyntaxError("a range whose ends are the wrong way round")
        return low, high


def _without(ranges: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """All other characters."""
    gaps = []
    begin = 0
    for low, high in ranges:
        if begin < low:
            gaps.append((begin, low - 1))
        begin = high + 1
    return [*gaps, (begin, _LAST)]
