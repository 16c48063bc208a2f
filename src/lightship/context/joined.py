"""All patterns at once: what they say of the names in one directory.

A walk asks about whole directories. A pattern's head, all but its last component, is compared with
the directory's path once; then only its tail counts, and the tails of all patterns whose heads
agree are one set of names, endings and beginnings, and one regular expression. Most names meet
none of them, and then the directory's own fate is theirs.

Source: moby/patternmatcher at 5a6d842, `MatchesUsingParentResults`.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from lightship.context.tails import Anywhere, Tails, split

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lightship.context.builders import Builder
    from lightship.context.matching import Matcher
    from lightship.context.tails import Tail

State = int
"""One bit for each pattern that matched a directory or one above it, as the walk remembers it."""

_MOST_KNOWN = 1_000


class Fate(NamedTuple):
    """What is decided about an entry.

    Attributes:
        ignored: whether it is.
        number: from 0, of the last pattern that matches it, or a directory above it, and says so;
            -1 where none does.
    """

    ignored: bool
    number: int


class Joined:
    """Patterns, ready for a walk.

    Attributes:
        matched: the first path that each pattern matched so far, by its number from 0, whether
            or not it decided.
        forgets: whether a pattern that would change nothing for a directory is not tried on it,
            and so may be unknown to match when it comes to what the directory holds; so it is for
            all but buildah, which asks about every path anew.
    """

    def __init__(self, matcher: Matcher, builder: Builder = "buildkit") -> None:
        self.forgets = builder != "buildah"
        self.matched: dict[int, str] = {}
        self.exceptions = [one.is_exception for one in matcher.patterns]
        self.fates = [Fate(not one, number) for number, one in enumerate(self.exceptions)]
        self.tails: list[Tail] = []
        self._anywhere: list[tuple[int, bool]] = []
        self._at: dict[str, list[int]] = {}
        self._where: list[tuple[int, Callable[[str], bool]]] = []
        self._known: dict[tuple[int, ...], Tails] = {}
        for number, one in enumerate(matcher.patterns):
            head, tail = split(one.glob, matcher.compiled[number].matches)
            self.tails.append(tail)
            if head is Anywhere.ALL or head is Anywhere.ONE_LINE:
                self._anywhere.append((number, head is Anywhere.ALL))
            elif isinstance(head, str):
                self._at.setdefault(head, []).append(number)
            else:
                self._where.append((number, head))

    def here(self, directory: str, state: State, number: int = -1) -> Here:
        """What they say of a directory's entries.

        Args:
            directory: its path from the root; empty for the root.
            state: of the directory; 0 for the root.
            number: of the pattern that decided about the directory.
        """
        numbers = [*self._at.get(directory, ())]
        numbers += [number for number, holds in self._where if holds(directory)]
        is_usual = not numbers and not state and "\n" not in directory
        tails = self._usual if is_usual else self._tails(directory, state, numbers)
        prefix = directory + "/" if directory else ""
        return Here(self, prefix, state, number, tails)

    @cached_property
    def _usual(self) -> Tails:
        """What holds in any directory of which no pattern speaks."""
        return self._tails("", 0, [])

    def _tails(self, directory: str, state: State, numbers: list[int]) -> Tails:
        is_one_line = "\n" not in directory
        numbers = numbers + [one for one, always in self._anywhere if always or is_one_line]
        key = tuple(sorted(number for number in numbers if not state >> number & 1))
        tails = self._known.get(key)
        if tails is None:
            if len(self._known) == _MOST_KNOWN:
                self._known.clear()
            tails = self._known[key] = Tails([(number, self.tails[number]) for number in key])
        return tails


class Here:
    """What the patterns say of the entries of one directory.

    Attributes:
        fate: of every entry that no pattern matches anew.
        state: of the directory, and of those in it that no pattern matches anew.
    """

    __slots__ = ("_joined", "_last", "_prefix", "_tails", "fate", "state")

    def __init__(
        self, joined: Joined, prefix: str, state: State, number: int, tails: Tails
    ) -> None:
        self._last = state.bit_length() - 1
        is_ignored = self._last >= 0 and not joined.exceptions[self._last]
        self.fate = Fate(is_ignored, max(self._last, number))
        self.state = state
        self._joined = joined
        self._prefix = prefix
        self._tails = tails

    def hits(self, names: Sequence[str]) -> set[str]:
        """Those names that some pattern matches that matched no directory above."""
        return self._tails.hits(names, self._prefix)

    def matching(self, name: str) -> list[int]:
        """The patterns that match an entry and matched no directory above, in their order."""
        return self._tails.matching(name, self._prefix)

    def decide(self, name: str) -> Fate:
        """What becomes of an entry that is no directory; for the names that are hits."""
        matching = self._noted(name)
        last = matching[-1]
        if last < self._last:
            return self.fate
        return self._told(last)

    def enter(self, name: str) -> tuple[Fate, State]:
        """What becomes of a directory, and its state; for the names that are hits."""
        exceptions, forgets = self._joined.exceptions, self._joined.forgets
        state = self.state
        last = -1
        ignored = False
        for number in sorted((*self._noted(name), *_bits(state))):
            is_exception = exceptions[number]
            if is_exception == ignored or not forgets:
                state |= 1 << number
            ignored = not is_exception
            last = number
        return self._told(last), state

    def _told(self, number: int) -> Fate:
        """What a pattern says; a later one that says so of the directory is named for it."""
        fate, known = self._joined.fates[number], self.fate
        return known if known.ignored == fate.ignored and known.number > number else fate

    def _noted(self, name: str) -> list[int]:
        matching = self.matching(name)
        matched = self._joined.matched
        for number in matching:
            if number not in matched:
                matched[number] = self._prefix + name
        return matching


def _bits(state: State) -> list[int]:
    return [number for number in range(state.bit_length()) if state >> number & 1]
