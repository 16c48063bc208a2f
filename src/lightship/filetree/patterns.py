"""Patterns for paths in an image.

`*` is any run of characters but `/`, `?` one of them, `[...]` one of a set; a part `**` is any
number of directories, none included. A pattern without `/` matches at any depth, any other one from
the root. What matches a directory matches everything in it.
"""

from __future__ import annotations

import fnmatch
import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_ANY = "**"
_LONGEST = 1000
_MOST_STATES = 20_000
_Places = frozenset[tuple[int, int]]
"""Pairs of a pattern's number and how many of its parts are matched."""
_NOTHING: _Places = frozenset()
# What can stand in no decoded name but for bytes that are no UTF-8 is left to the regexes.
_PLAIN = re.compile("[^*?[\ufffd\ud800-\udfff]+")
_WILD = re.compile("[*?\ufffd\ud800-\udfff]|\\[!?\\]?[^]]*\\]")
_SUFFIX = re.compile("\\*\\.[^.*?[\ufffd\ud800-\udfff]*")


class Pattern(Struct, frozen=True):
    """One pattern: as written, and its parts."""

    written: str
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read a pattern.

        Raises:
            UsageError: it is empty, too long, or names no path.
        """
        parts = [part for part in text.strip().split("/") if part not in ("", ".")]
        if len(text) > _LONGEST or not parts or ".." in parts or "\0" in text:
            raise UsageError(f"{text[:80]!r} is no pattern for paths", "Write '**/.git', '*.pem'.")
        if "/" not in text.strip().rstrip("/"):
            parts.insert(0, _ANY)
        if parts[-1] == _ANY:
            # Everything in a directory, but not the directory.
            parts.append("*")
        # Neighbours `**` say nothing more than one of them.
        kept = [p for at, p in enumerate(parts) if p != _ANY or parts[at - 1 : at] != [_ANY]]
        return cls(text.strip(), tuple(kept))


class _Rare(Struct, frozen=True):
    """A part with wildcards that is more than `*` and `*.suffix`.

    Attributes:
        literal: what a name has in it if it matches; perhaps nothing.
    """

    literal: bytes
    regex: re.Pattern[str]
    reached: _Places


class _Ahead(Struct, frozen=True):
    """What can come after some places: for each name the places that it reaches.

    Nearly every name in an image matches nothing, so that is what must be found out quickly:
    names and suffixes by a look in a dictionary, the rest by a literal that must be in the name.

    Attributes:
        exact: by a name.
        suffixes: by a name's end, from its last dot.
        always: what every name reaches: through `*`, and within `**`.
    """

    exact: dict[bytes, _Places]
    suffixes: dict[bytes, _Places]
    rare: list[_Rare]
    always: _Places


class State:
    """How far patterns are matched at a directory; false where none can match below it.

    Patterns that begin with `**` begin anew in every directory. Where they begin is in no state,
    as it is the same in all: so states are small, and what is ahead of one is quickly known,
    however many directories with names out of patterns somebody puts into each other.
    """

    __slots__ = ("ahead", "known", "lives")

    def __init__(self, ahead: _Ahead, lives: bool) -> None:
        self.ahead = ahead
        self.known: dict[_Places, Reached] = {}
        self.lives = lives

    def __bool__(self) -> bool:
        return self.lives


Reached = tuple[State, tuple[int, ...]]
"""A state, and the numbers of the patterns that end where it is, ascending."""


class Matcher:
    """Several patterns, matched one path component at a time."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = patterns
        anywhere = {(n, 1) for n, one in enumerate(patterns) if one.parts[0] == _ANY}
        self._anywhere: _Places = frozenset(anywhere)
        self._base = self._ahead(self._anywhere)
        self._states: dict[_Places, State] = {}
        self.start = self._state({(n, 0) for n, one in enumerate(patterns) if one.parts[0] != _ANY})

    def step(self, state: State, name: bytes) -> tuple[State, int | None]:
        """Go on with a component: the new state, and the pattern that matches here, if one does."""
        reached, matched = self.reach(state, name)
        return reached, matched[0] if matched else None

    def reach(self, state: State, name: bytes) -> Reached:
        """Go on with a component: the new state, and every pattern that matches here, in order."""
        places = _NOTHING
        for ahead in (self._base, state.ahead):
            if name in ahead.exact:
                places |= ahead.exact[name]
            if ahead.suffixes:
                places |= ahead.suffixes.get(name[name.rfind(b".") :], _NOTHING)
            for rare in ahead.rare:
                if rare.literal in name and rare.regex.fullmatch(name.decode("utf-8", "replace")):
                    places |= rare.reached
        return state.known.get(places) or self._reached(state, places)

    def among(
        self, state: State, names: Collection[bytes]
    ) -> tuple[tuple[int, ...], dict[bytes, tuple[int, ...]]]:
        """As `reach`, for all names of a directory at once, and without the states.

        Returns:
            The patterns that match every name; and of those names where more match, all that do.
        """
        found: dict[bytes, _Places] = {}
        for ahead in (self._base, state.ahead):
            _add_matches(ahead, names, found)
        known = state.known
        everywhere = (known.get(_NOTHING) or self._reached(state, _NOTHING))[1]
        return everywhere, {
            name: (known.get(places) or self._reached(state, places))[1]
            for name, places in found.items()
        }

    def _ahead(self, places: Iterable[tuple[int, int]]) -> _Ahead:
        by_part: dict[str, set[tuple[int, int]]] = {}
        always: set[tuple[int, int]] = set()
        for number, at in places:
            part = self.patterns[number].parts[at]
            if part == _ANY:
                always.add((number, at))
            else:
                by_part.setdefault(part, set()).add((number, at + 1))
        always |= by_part.pop("*", set())
        ahead = _Ahead({}, {}, [], frozenset(always))
        for part, after in sorted(by_part.items()):
            reached = frozenset(after)
            if _PLAIN.fullmatch(part):
                ahead.exact[part.encode()] = reached
            elif _SUFFIX.fullmatch(part):
                ahead.suffixes[part[1:].encode()] = reached
            else:
                ahead.rare.append(_Rare(_literal(part), _regex(part), reached))
        return ahead

    def _reached(self, state: State, places: _Places) -> Reached:
        going: set[tuple[int, int]] = set()
        matched: set[int] = set()
        for number, at in places | state.ahead.always | self._base.always:
            if at == len(self.patterns[number].parts):
                matched.add(number)
            else:
                going.add((number, at))
        reached = state.known[places] = self._state(going), tuple(sorted(matched))
        return reached

    def _state(self, going: set[tuple[int, int]]) -> State:
        """The state of these places; equal ones are one object, as long as there are not many."""
        places = self._closed(going) - self._anywhere
        state = self._states.get(places)
        if state is None:
            if len(self._states) >= _MOST_STATES:
                self._forget()
            state = State(self._ahead(places), bool(places or self._anywhere))
            self._states[places] = state
        return state

    def _forget(self) -> None:
        """Let go of all states but those that somebody holds: they lead to one another."""
        for state in (self.start, *self._states.values()):
            state.known.clear()
        self._states.clear()

    def match(self, path: bytes) -> tuple[bytes, int] | None:
        """The shortest leading part of a path that a pattern matches, and that pattern's number."""
        state, begun = self.start, 0
        while state:
            end = path.find(b"/", begun)
            state, matched = self.step(state, path[begun : end if end >= 0 else len(path)])
            if matched is not None:
                return (path if end < 0 else path[:end]), matched
            if end < 0:
                return None
            begun = end + 1
        return None

    def _closed(self, state: set[tuple[int, int]]) -> _Places:
        """`**` may also stand for no directory at all."""
        closed = set(state)
        for number, at in state:
            parts = self.patterns[number].parts
            while at < len(parts) and parts[at] == _ANY:
                at += 1  # noqa: PLW2901 # walks on from where the state is
                closed.add((number, at))
        return frozenset(closed)


def _add_matches(ahead: _Ahead, names: Collection[bytes], found: dict[bytes, _Places]) -> None:
    """Add to each name the places that it reaches."""
    for name in ahead.exact.keys() & names:
        found[name] = found.get(name, _NOTHING) | ahead.exact[name]
    if ahead.suffixes:
        get = ahead.suffixes.get
        for name in names:
            places = get(name[name.rfind(b".") :])
            if places is not None:
                found[name] = found.get(name, _NOTHING) | places
    joined = b"/".join(names) if ahead.rare else b""
    for rare in ahead.rare:
        if rare.literal not in joined:
            continue
        for name in names:
            if rare.literal in name and rare.regex.fullmatch(name.decode("utf-8", "replace")):
                found[name] = found.get(name, _NOTHING) | rare.reached


def _literal(part: str) -> bytes:
    """The longest text that is in every name that a part matches, as far as is easily seen."""
    runs = _WILD.split(part)
    return max(runs, key=len).encode()


@cache
def _regex(part: str) -> re.Pattern[str]:
    # The translation uses atomic groups: no pattern can make it go back and forth for long.
    return re.compile(fnmatch.translate(part))
