"""All patterns at once: what they say of the names in one directory.

A walk asks about whole directories. A pattern's head, all but its last component, is compared with
the directory's path once; then only its tail counts, and the tails of all patterns whose heads
agree are one set of names, endings and beginnings, and one regular expression. Most names meet
none of them, and then the directory's own fate is theirs.

Source: moby/patternmatcher at 5a6d842, `MatchesUsingParentResults`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lightship.context.tails import Tails, split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lightship.context.matching import Matcher
    from lightship.context.tails import Tail

State = int
"""One bit for each pattern that matched a directory or one above it, as the walk remembers it."""

_MOST_KNOWN = 1_000


class Fate(NamedTuple):
    """What is decided about an entry.

    Attributes:
        ignored: whether it is.
        number: of the pattern that decides, from 0; -1 where none does.
    """

    ignored: bool
    number: int


class Joined:
    """Patterns, ready for a walk.

    Attributes:
        matched: the first path that each pattern matched so far, by its number from 0, whether
            or not it decided.
    """

    def __init__(self, matcher: Matcher) -> None:
        self.matched: dict[int, str] = {}
        self.exceptions = [one.is_exception for one in matcher.patterns]
        self.tails: list[Tail] = []
        self._always: list[int] = []
        self._at: dict[str, list[int]] = {}
        self._where: list[tuple[int, Callable[[str], bool]]] = []
        self._known: dict[tuple[int, ...], Tails] = {}
        for number, one in enumerate(matcher.patterns):
            head, tail = split(one.glob, matcher.compiled[number].matches)
            self.tails.append(tail)
            if head is None:
                self._always.append(number)
            elif isinstance(head, str):
                self._at.setdefault(head, []).append(number)
            else:
                self._where.append((number, head))

    def here(self, directory: str, state: State) -> Here:
        """What they say of a directory's entries.

        Args:
            directory: its path from the root; empty for the root.
            state: of the directory; 0 for the root.
        """
        numbers = [*self._always, *self._at.get(directory, ())]
        numbers += [number for number, holds in self._where if holds(directory)]
        if state:
            numbers = [number for number in numbers if not state >> number & 1]
        key = tuple(sorted(numbers))
        tails = self._known.get(key)
        if tails is None:
            if len(self._known) == _MOST_KNOWN:
                self._known.clear()
            tails = self._known[key] = Tails([self.tails[number] for number in key])
        return Here(self, directory, state, key, tails)


class Here:
    """What the patterns say of the entries of one directory.

    Attributes:
        fate: of every entry that no pattern matches anew.
        state: of the directory, and of those in it that no pattern matches anew.
    """

    __slots__ = ("_joined", "_numbers", "_prefix", "_tails", "fate", "state")

    def __init__(
        self, joined: Joined, directory: str, state: State, numbers: Sequence[int], tails: Tails
    ) -> None:
        last = state.bit_length() - 1
        self.fate = Fate(last >= 0 and not joined.exceptions[last], last)
        self._joined = joined
        self._prefix = directory + "/" if directory else ""
        self.state = state
        self._numbers = numbers
        self._tails = tails

    def hits(self, names: Sequence[str]) -> set[str]:
        """Those names that some pattern matches that matched no directory above."""
        return self._tails.hits(names, self._prefix)

    def decide(self, name: str) -> Fate:
        """What becomes of an entry that is no directory; for the names that are hits."""
        self._note(name)
        for number in reversed(self._numbers):
            if number < self.fate.number:
                break
            if self._joined.tails[number].takes(name, self._prefix):
                return Fate(not self._joined.exceptions[number], number)
        return self.fate

    def enter(self, name: str) -> tuple[Fate, State]:
        """What becomes of a directory, and its state; for the names that are hits.

        A pattern is not tried where it could change nothing, and then the state does not know
        whether it would have matched: so it may match below.
        """
        self._note(name)
        state = self.state
        fate = Fate(False, -1)
        for number in sorted((*self._numbers, *_bits(state))):
            is_exception = self._joined.exceptions[number]
            if not state >> number & 1:
                if is_exception != fate.ignored:
                    continue
                if not self._joined.tails[number].takes(name, self._prefix):
                    continue
                state |= 1 << number
            fate = Fate(not is_exception, number)
        return fate, state

    def matching(self, name: str) -> Iterable[int]:
        """The patterns that match an entry and matched no directory above."""
        tails = self._joined.tails
        return (one for one in self._numbers if tails[one].takes(name, self._prefix))

    def _note(self, name: str) -> None:
        matched = self._joined.matched
        if len(matched) < len(self._joined.tails):
            for number in self._numbers:
                if number not in matched and self._joined.tails[number].takes(name, self._prefix):
                    matched[number] = self._prefix + name


def _bits(state: State) -> list[int]:
    return [number for number in range(state.bit_length()) if state >> number & 1]
