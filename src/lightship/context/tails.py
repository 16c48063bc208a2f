"""The last component of a pattern: what it says of names alone, once the directory agrees."""

from __future__ import annotations

import re
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PLAIN = r"[^*?\[\]\\^/\ufeff\ufffd\ud800-\udfff]"
_LITERAL = re.compile(f"{_PLAIN}+")
_CLASS = r"\[(?:[A-Za-z0-9_](?:-[A-Za-z0-9_])?)+\]"
# Docker escapes neither braces nor bars: once a pattern is a regexp, they are the regexp's.
_SIMPLE = re.compile(rf"(?:(?![{{|}}]){_PLAIN}|\*(?!\*)|\?|{_CLASS})+")
_PIECE = re.compile(rf"\*|\?|{_CLASS}|{_PLAIN}+")


class How(Enum):
    """How a tail is compared."""

    NAME = "name"
    ENDING = "ending"
    BEGINNING = "beginning"
    ALL = "all"
    EXPRESSION = "expression"
    PATH = "path"
    """Not with the name: the whole pattern is tried on the whole path."""


class Tail(NamedTuple):
    """What is compared with a name.

    Attributes:
        how: it is compared.
        text: the name, ending, beginning or regular expression.
        test: for a name, or for a whole path.
    """

    how: How
    text: str
    test: Callable[[str], object]

    def takes(self, name: str, prefix: str) -> bool:
        """Whether an entry is matched.

        Args:
            name: of the entry.
            prefix: the directory's path with a slash; empty for the root.
        """
        return bool(self.test(prefix + name if self.how is How.PATH else name))


class Anywhere(Enum):
    """Directories wherever they are."""

    ALL = "all"
    ONE_LINE = "one line"
    """But for those with a line's end in their path: where Go's `.*` stops."""


Head: TypeAlias = "str | Callable[[str], bool] | Anywhere"
"""The directories a pattern speaks of: one path, a test of paths, or all."""


def split(glob: str, test: Callable[[str], object]) -> tuple[Head, Tail]:
    """A pattern in its head and tail.

    Only what certainly means the same in two parts is taken apart.

    Args:
        glob: the pattern, cleaned, without `!`.
        test: the whole pattern, for a whole path.
    """
    *above, last = glob.split("/")
    whole = Anywhere.ALL, Tail(How.PATH, "", test)
    if glob == "**":
        return Anywhere.ALL, _ALL
    is_deep = above[:1] == ["**"]
    if all(_LITERAL.fullmatch(part) for part in (*above[is_deep:], last)):
        tail = Tail(How.NAME, last, last.__eq__)
        if not is_deep:
            return "/".join(above), tail
        # `**/a/b` is an ending, compared letter by letter.
        return (partial(_ends_with, "/".join(above[1:])) if above[1:] else Anywhere.ALL), tail
    if last == "**" and above and all(map(_LITERAL.fullmatch, above)):
        return partial(_is_below, "/".join(above)), _ALL
    if not _SIMPLE.fullmatch(last):
        return whole
    if not all(part == "**" or _SIMPLE.fullmatch(part) for part in above):
        return whole
    try:
        return _head(above), _tail(last)
    except re.error:
        return whole


def _head(above: list[str]) -> Head:
    if all(map(_LITERAL.fullmatch, above)):
        return "/".join(above)
    if above == ["**"]:
        return Anywhere.ONE_LINE
    # `.*` stops at the end of a line here as in Go.
    parts = ("(?:.*/)?" if part == "**" else _expression(part) + "/" for part in above)
    return partial(_agrees, re.compile("".join(parts)))


def _tail(last: str) -> Tail:
    if last == "*":
        return _ALL
    if last[0] == "*" and _LITERAL.fullmatch(last[1:]):
        ending = last[1:]
        return Tail(How.ENDING, ending, lambda name: name.endswith(ending))
    if last[-1] == "*" and _LITERAL.fullmatch(last[:-1]):
        beginning = last[:-1]
        return Tail(How.BEGINNING, beginning, lambda name: name.startswith(beginning))
    text = _expression(last)
    return Tail(How.EXPRESSION, text, re.compile(text).fullmatch)


def _expression(part: str) -> str:
    wild = {"*": "[^/]*", "?": "[^/]"}
    pieces: list[str] = _PIECE.findall(part)
    return "".join(wild.get(one) or (one if one[0] == "[" else re.escape(one)) for one in pieces)


def _agrees(expression: re.Pattern[str], directory: str) -> bool:
    return expression.fullmatch(directory + "/" if directory else "") is not None


def _ends_with(ending: str, directory: str) -> bool:
    return directory == ending or directory.endswith("/" + ending)


def _is_below(above: str, directory: str) -> bool:
    return directory == above or directory.startswith(above + "/")


def _always(name: str) -> bool:
    del name
    return True


_ALL = Tail(How.ALL, "", _always)


class Tails:
    """Several tails, tried together, each with its pattern's number."""

    __slots__ = ("_always", "_beginnings", "_endings", "_joined", "_names", "_others")

    def __init__(self, numbered: Sequence[tuple[int, Tail]]) -> None:
        self._names: dict[str, list[int]] = {}
        for number, one in numbered:
            if one.how is How.NAME:
                self._names.setdefault(one.text, []).append(number)
        self._always = [number for number, one in numbered if one.how is How.ALL]
        self._endings = [(one.text, n) for n, one in numbered if one.how is How.ENDING]
        self._beginnings = [(one.text, n) for n, one in numbered if one.how is How.BEGINNING]
        self._others = [(n, one) for n, one in numbered if one.how in {How.EXPRESSION, How.PATH}]
        texts = [f"(?:{one.text})" for _, one in self._others if one.how is How.EXPRESSION]
        self._joined = (
            tuple({ending for ending, _ in self._endings}),
            tuple({beginning for beginning, _ in self._beginnings}),
            re.compile("|".join(texts)).fullmatch if texts else None,
            [one.test for _, one in self._others if one.how is How.PATH],
        )

    def hits(self, names: Sequence[str], prefix: str) -> set[str]:
        """Those names that one of them matches.

        Args:
            names: of a directory's entries.
            prefix: the directory's path with a slash; empty for the root.
        """
        if self._always:
            return set(names)
        found = set(self._names.keys() & names) if self._names else set()
        endings, beginnings, expression, whole = self._joined
        # Most directories hold no such name: one search through all of them tells.
        text = "\0" + "\0".join(names) + "\0" if endings or beginnings else ""
        if any(ending + "\0" in text for ending in endings):
            found.update([name for name in names if name.endswith(endings)])
        if any("\0" + beginning in text for beginning in beginnings):
            found.update([name for name in names if name.startswith(beginnings)])
        if expression:
            found.update([name for name in names if expression(name)])
        for test in whole:
            found.update([name for name in names if test(prefix + name)])
        return found

    def matching(self, name: str, prefix: str) -> list[int]:
        """The numbers of those that match a name, in their order."""
        found = [*self._always, *self._names.get(name, ())]
        for ending, number in self._endings:
            if name.endswith(ending):
                found.append(number)
        for beginning, number in self._beginnings:
            if name.startswith(beginning):
                found.append(number)
        for number, one in self._others:
            if one.takes(name, prefix):
                found.append(number)
        if len(found) > 1:
            found.sort()
        return found
