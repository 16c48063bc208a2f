r"""One character, or a class of characters, of a Go regexp.

Source: Go's package regexp/syntax (its `Perl` flags), as of Go 1.27. Unicode scripts (`\p{Greek}`)
are not known here, where Go knows them: Python has no tables of them.
"""

from __future__ import annotations

from lightship.context.characters import LAST, Characters, single
from lightship.context.go_categories import GoSyntaxError, of_name

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


class Scanner:
    """A regexp's text, and how far it is read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def takes(self, text: str) -> bool:
        """Whether a text stands next; then it is read."""
        if not self.text.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def characters(self) -> Characters:
        """What stands next: a class, a group, or a character that stands for itself."""
        if self.takes("["):
            return self._class()
        return self._group() or single(chr(self._character()))

    def quoted(self) -> str:
        r"""What stands up to the next `\E`, or to the end; that is read too."""
        end = self.text.find(r"\E", self.at)
        quoted = self.text[self.at : end if end >= 0 else None]
        self.at += len(quoted) + 2
        return quoted

    def _braced(self) -> str:
        end = self.text.find("}", self.at)
        if end < 0:
            raise GoSyntaxError("a { without its }")
        braced = self.text[self.at : end]
        self.at = end + 1
        return braced

    def _next(self) -> str:
        if self.at >= len(self.text):
            raise GoSyntaxError("it ends too early")
        self.at += 1
        return self.text[self.at - 1]

    def _character(self) -> int:
        letter = self._next()
        if letter != "\\":
            return ord(letter)
        letter = self._next()
        following = self.text[self.at : self.at + 1]
        if letter == "0" or (letter in _OCTAL and following and following in _OCTAL):
            digits = letter
            while len(digits) < 3 and following and following in _OCTAL:
                digits += self._next()
                following = self.text[self.at : self.at + 1]
            return int(digits, 8)
        if letter == "x":
            digits = self._braced() if self.takes("{") else self._next() + self._next()
            if digits and all(one in _HEX for one in digits) and len(digits.lstrip("0")) <= 6:
                code = int(digits, 16)
                if code <= LAST:
                    return code
        elif letter in _CONTROLS:
            return ord(_CONTROLS[letter])
        elif letter.isascii() and not letter.isalnum():
            return ord(letter)
        raise GoSyntaxError("an escape that Go does not know")

    def _group(self) -> Characters | None:
        """A class of Perl's, or a category of Unicode's."""
        if not self.text.startswith("\\", self.at):
            return None
        letter = self.text[self.at + 1 : self.at + 2]
        if letter and letter in "dswDSW":
            self.at += 2
            return Characters(_PERL[letter.lower()], is_negated=letter.isupper())
        if letter and letter in "pP":
            self.at += 2
            return of_name(self._braced() if self.takes("{") else self._next(), letter == "P")
        return None

    def _class(self) -> Characters:
        is_negated = self.takes("^")
        ranges: list[tuple[int, int]] = []
        categories: list[tuple[tuple[str, ...], bool]] = []
        is_first = True
        while is_first or not self.takes("]"):
            is_first = False
            group = self._named() or self._group()
            if group is None:
                ranges.append(self._range())
            else:
                ranges.extend(_without(group.ranges) if group.is_negated else group.ranges)
                categories.extend(group.categories)
        return Characters(tuple(ranges), tuple(categories), is_negated)

    def _named(self) -> Characters | None:
        if not self.text.startswith("[:", self.at):
            return None
        end = self.text.find(":]", self.at + 2)
        if end < 0:
            return None
        name = self.text[self.at + 2 : end]
        ranges = _POSIX.get(name.removeprefix("^"))
        if ranges is None:
            raise GoSyntaxError("a class that Go does not know")
        self.at = end + 2
        return Characters(ranges, is_negated=name.startswith("^"))

    def _range(self) -> tuple[int, int]:
        low = high = self._character()
        rest = self.text[self.at : self.at + 2]
        if len(rest) == 2 and rest[0] == "-" and rest[1] != "]":
            self.at += 1
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
    return [*gaps, (begin, LAST)]
