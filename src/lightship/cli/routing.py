"""Which command a command line means: bare `lightship IMAGE` is `inspect`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from lightship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

_OWN_OPTIONS = ("--help", "-h", "--version", "--show-settings")
_OTHER_WORDS = ("help", "version")
_WORD = re.compile(r"[A-Za-z][A-Za-z-]{1,19}")
_NEAR = 2


def route(arguments: list[str], commands: Collection[str]) -> list[str]:
    """The arguments with `inspect` in front where no command is named.

    Raises:
        UsageError: the first is a bare word within two edits of a command, and no such path exists.
    """
    if not arguments or arguments[0] in commands or arguments[0] in _OWN_OPTIONS:
        return arguments
    first = arguments[0]
    if first in _OTHER_WORDS and not Path(first).exists():
        raise UsageError(f"no command {first!r}", f"Write lightship --{first}.")
    if _WORD.fullmatch(first) and not Path(first).exists():
        close = nearest(first, commands)
        if close:
            raise UsageError(
                f"no command {first!r}",
                f"Did you mean {close!r}? For an image of that name: lightship inspect {first}",
            )
        if len(arguments) > 1 and not arguments[1].startswith("-"):
            raise UsageError(f"no command {first!r}", f"There are {', '.join(commands)}.")
    return ["inspect", *arguments]


def nearest(word: str, commands: Collection[str]) -> str | None:
    """The command fewest edits away, if at most two; the first in order of several."""
    ranked = sorted((edits(word.lower(), command), command) for command in commands)
    return ranked[0][1] if ranked and ranked[0][0] <= _NEAR else None


def edits(one: str, other: str) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours between two words.

    The optimal string alignment distance: no stretch is edited twice.
    """
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]
