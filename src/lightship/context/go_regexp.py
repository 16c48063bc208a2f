"""A Go regexp, read into a flat list of items: what a pattern's regexp can hold, and no more.

Source: Go's package regexp/syntax (its `Perl` flags), as of Go 1.27, for text that
`expression.translate` makes: no groups but `(.*/)?`. Docker leaves `{`, `|` and `}` as they are: so
`a{2}` repeats, and `|` parts the whole pattern, neither side of which need begin or end the path.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from lightship.context.characters import LAST, NOT_NEWLINE, Characters, single
from lightship.context.expression import ANY_DEPTH, ANYTHING
from lightship.context.go_categories import GoSyntaxError
from lightship.context.go_class import Scanner

_REPETITION = re.compile(r"\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\}")
_MOST_TIMES = 1000
# Go stops at 128 MiB of instructions of 40 bytes.
_MOST_ITEMS = (128 << 20) // 40


class Step(Enum):
    """What an item does."""

    ONE = "one character of a set"
    MAYBE = "one, or none"
    STAR = "any number of them"
    DEPTH = "`(.*/)?`: nothing, or all up to a slash"
    BEGIN = "only at the beginning"
    END = "only at the end"
    EDGE = "only at the edge of a word of [0-9A-Za-z_]"
    NO_EDGE = "only elsewhere"
    DONE = "what stands before it has matched; what follows is another way to match"


class Item(NamedTuple):
    """One step through a path."""

    step: Step
    characters: Characters = NOT_NEWLINE


class _Operand(NamedTuple):
    """What a repetition repeats.

    Attributes:
        items: in order.
        times: how often each is repeated already, the latest first.
    """

    items: list[Item]
    times: tuple[int, ...] = ()


_PLACES = {
    "^": Step.BEGIN,
    r"\A": Step.BEGIN,
    "$": Step.END,
    r"\z": Step.END,
    r"\b": Step.EDGE,
    r"\B": Step.NO_EDGE,
}
_DONE = Item(Step.DONE)
_ANYWHERE = Item(Step.STAR, Characters(((0, LAST),)))


def read(regexp: str) -> list[Item]:
    """Its items: for each side of a `|` what matches from a path's beginning, then `DONE`.

    Raises:
        GoSyntaxError: Go does not compile it.
    """
    reader = _Reader(Scanner(regexp))
    reader.read()
    return reader.items


class _Reader:
    def __init__(self, scanner: Scanner) -> None:
        self.items: list[Item] = []
        self._scanner = scanner
        self._side: list[_Operand] = []
        self._count = 0

    def read(self) -> None:
        scanner = self._scanner
        may_repeat = True
        while scanner.at < len(scanner.text):
            repetition = _REPETITION.match(scanner.text, scanner.at)
            if repetition is not None:
                if not may_repeat:
                    raise GoSyntaxError("a repetition of a repetition")
                self._repeat(*_bounds(repetition))
                scanner.at = repetition.end()
                may_repeat = False
            elif scanner.takes("|"):
                self._end_side()
                may_repeat = True
            elif scanner.takes(r"\Q"):
                for one in scanner.quoted():
                    self._add(Item(Step.ONE, single(one)))
                may_repeat = True
            else:
                item = self._item()
                self._add(item)
                may_repeat = item.step not in (Step.STAR, Step.DEPTH)
        self._end_side()

    def _item(self) -> Item:
        scanner = self._scanner
        if scanner.takes(ANY_DEPTH):
            return Item(Step.DEPTH)
        if scanner.takes(ANYTHING):
            return Item(Step.STAR)
        for text, step in _PLACES.items():
            if scanner.takes(text):
                return Item(step)
        characters = scanner.characters()
        return Item(Step.STAR if scanner.takes("*") else Step.ONE, characters)

    def _add(self, item: Item) -> None:
        self._grow(1)
        self._side.append(_Operand([item]))

    def _grow(self, count: int) -> None:
        self._count += count
        if self._count > _MOST_ITEMS:
            raise GoSyntaxError("a regexp that is too large")

    def _repeat(self, least: int, most: int | None) -> None:
        if not self._side:
            raise GoSyntaxError("a repetition of nothing")
        operand = self._side.pop()
        times = (least if most is None else most, *operand.times)
        if least >= 2 or (most or 0) >= 2:
            _check(times)
        self._side.append(_Operand(self._repeated(operand.items, least, most), times))

    def _repeated(self, items: list[Item], least: int, most: int | None) -> list[Item]:
        if most == 0 or not items:
            return []
        if len(items) == 1 and items[0].step is not Step.ONE:
            # Gaps hold themselves; a place is where it is, however often that is said.
            return items if least or items[0].step in (Step.STAR, Step.DEPTH) else []
        self._grow(len(items) * max(least, most or 0))
        if len(items) > 1:
            return _again(items, least, most)
        characters = items[0].characters
        if most is None:
            return [*items * least, Item(Step.STAR, characters)]
        return [*items * least, *[Item(Step.MAYBE, characters)] * (most - least)]

    def _end_side(self) -> None:
        items = [item for operand in self._side for item in operand.items]
        if not items or items[0].step is not Step.BEGIN:
            self.items.append(_ANYWHERE)
        self.items.extend(items)
        self.items.append(_DONE)
        self._side.clear()


def _bounds(repetition: re.Match[str]) -> tuple[int, int | None]:
    least_text, comma, most_text = repetition.groups()
    if max(len(least_text), len(most_text or "")) > 4:
        raise GoSyntaxError("too many repetitions")
    least = int(least_text)
    most = int(most_text) if most_text else None if comma else least
    if max(least, most or 0) > _MOST_TIMES or (most is not None and least > most):
        raise GoSyntaxError("too many repetitions, or the wrong way round")
    return least, most


def _check(times: tuple[int, ...]) -> None:
    left = _MOST_TIMES
    for count in times:
        if count == 0:
            return
        if count > left:
            raise GoSyntaxError("too many repetitions")
        left //= count


def _again(items: list[Item], least: int, most: int | None) -> list[Item]:
    """A repetition, repeated: of one set of characters, so only how many of them is of interest."""
    characters = items[0].characters
    low = sum(1 for item in items if item.step is Step.ONE)
    is_open = any(item.step is Step.STAR for item in items)
    ones = [Item(Step.ONE, characters)] * (low * least)
    if most is None or is_open:
        return [*ones, Item(Step.STAR, characters)]
    return [*ones, *[Item(Step.MAYBE, characters)] * (len(items) * most - low * least)]
