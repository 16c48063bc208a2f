"""Matching in steps that no pattern multiplies: one per character of a path.

All places in a pattern where a match may stand are bits of one number, moved together (the
"Shift-And" way with gaps: Navarro and Raffinot, *Flexible Pattern Matching in Strings*, 4.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.context.go_regexp import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.context.characters import Characters
    from lightship.context.go_regexp import Item

_REMEMBERED = 512


class Automaton:
    """Items, ready to be matched from a path's beginning.

    Attributes:
        steps: characters looked at so far, by all matches.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._final = self._mask(Step.DONE)
        # Each way to match begins behind the one before it, and the last has none behind.
        self._begin = (1 | self._final << 1) & ~(1 << len(items))
        self._depth = self._mask(Step.DEPTH)
        self._moves: dict[str, tuple[int, int]] = {}
        self._gaps: dict[tuple[bool, bool, bool], tuple[int, int, int]] = {}
        self.steps = 0

    def matches(self, path: str) -> bool:
        """Whether it matches from the beginning, up to where it is done."""
        at = self._opened(self._begin, path, 0)
        inside = 0
        for position, character in enumerate(path, 1):
            if at & self._final:
                return True
            inside |= at & self._depth
            if not (at or inside):
                return False
            self.steps += 1
            one, star = self._moves.get(character) or self._learned(character)
            at = ((at & one) << 1) | (at & star)
            if character == "/":
                at |= inside << 1
            elif character == "\n":
                inside = 0
            at = self._opened(at, path, position)
        return bool(at & self._final)

    def _opened(self, at: int, path: str, position: int) -> int:
        """With all places that follow without a character."""
        before = position > 0 and _is_word(path[position - 1])
        after = position < len(path) and _is_word(path[position])
        begin, end = position == 0, position == len(path)
        key = (begin, end, before != after)
        gaps = self._gaps.get(key)
        if gaps is None:
            gaps = self._gaps[key] = self._blocks(begin=begin, end=end, edge=before != after)
        first, last, inner = gaps
        reached = at | last
        return at | (inner & (~(reached - first) ^ reached))

    def _blocks(self, *, begin: bool, end: bool, edge: bool) -> tuple[int, int, int]:
        """First and last places of each run that can be passed, and all but the first."""
        free = {
            Step.STAR: True,
            Step.MAYBE: True,
            Step.DEPTH: True,
            Step.BEGIN: begin,
            Step.END: end,
            Step.EDGE: edge,
            Step.NO_EDGE: not edge,
        }
        passed = self._mask(*(step for step, is_free in free.items() if is_free))
        reach = passed | (passed << 1)
        return passed & ~(passed << 1), reach & ~passed, reach

    def _mask(self, *steps: Step) -> int:
        bits = bytearray(len(self._items) // 8 + 1)
        for index, item in enumerate(self._items):
            if item.step in steps:
                bits[index >> 3] |= 1 << (index & 7)
        return int.from_bytes(bits, "little")

    def _learned(self, character: str) -> tuple[int, int]:
        """Which items take a character and are done, and which take it and stay."""
        one = bytearray(len(self._items) // 8 + 1)
        star = bytearray(len(self._items) // 8 + 1)
        held: dict[Characters, bool] = {}
        for index, (step, characters) in enumerate(self._items):
            if step not in (Step.ONE, Step.MAYBE, Step.STAR):
                continue
            holds = held.get(characters)
            if holds is None:
                holds = held[characters] = characters.holds(character)
            if holds:
                (star if step is Step.STAR else one)[index >> 3] |= 1 << (index & 7)
        if len(self._moves) >= _REMEMBERED:
            self._moves.clear()
        moves = int.from_bytes(one, "little"), int.from_bytes(star, "little")
        self._moves[character] = moves
        return moves


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
