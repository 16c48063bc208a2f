r"""A name without `**/` counts only in the root, and what has that name further down is sent.

## Why it matters

In a `.gitignore` `node_modules` stands for every directory of that name. In a `.dockerignore` every
pattern starts at the root of the context: those of the packages below it are sent all the same.

## What to do

Write `**/` before it, which stands for any directory, also for none:

```
**/node_modules
**/*.pyc
```

## What it cannot see

Whether only the one in the root is meant. Of names that are not known to be caches, dependencies or
leftovers it says something from 1 MB on, as a guess.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.rules.context.caches_sent import NAMES
from lightship.rules.sending import ContextRule, ContextSmell
from lightship.rules.sent import MOST_PATHS, Lot, amount, directories, is_small, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.context.ignore_file import Pattern
    from lightship.context.survey import Place
    from lightship.rules.sending import Sending

_KNOWN = NAMES | {
    "node_modules",
    "bower_components",
    ".venv",
    "venv",
    ".git",
    ".svn",
    ".idea",
    ".vscode",
    ".DS_Store",
    "Thumbs.db",
    ".env",
    "npm-debug.log",
    "yarn-error.log",
    ".next",
    "*.pyc",
    "*.pyo",
    "*.log",
    "*.swp",
    "*.tmp",
    "*.egg-info",
    "*.tfstate",
}
_NAME = re.compile(r"\*?[^*?\[\]\\^/]+")


def _check(sending: Sending) -> Iterator[ContextSmell]:
    patterns = {
        one.glob: one
        for one in sending.context.ignore.patterns
        if not one.is_exception and _NAME.fullmatch(one.glob) and one.glob not in (".", "..")
    }
    if not patterns:
        return
    found = _Found(patterns)
    for lot in directories(sending, found.directory):
        found.count(lot)
    found.files(sending)
    for glob, lots in found.lots.items():
        smell = _smell(sending, patterns[glob], lots)
        if smell is not None:
            yield smell


class _Found:
    """What lies below the root under a name that is ignored there."""

    def __init__(self, patterns: dict[str, Pattern]) -> None:
        self._names = {glob: glob for glob in patterns if not glob.startswith("*")}
        self._suffixes = {glob[1:]: glob for glob in patterns if glob.startswith("*")}
        self._ends = tuple(self._suffixes)
        self._of: dict[int, str] = {}
        self.lots: dict[str, list[Lot]] = {}

    def directory(self, place: Place) -> Lot | None:
        above, _, name = place.path.rpartition("/")
        glob = self._glob(name) if above else None
        if glob is None:
            return None
        # A name that begins so only tells this lot from others until it is counted.
        return Lot(path=place.path, title=glob)

    def count(self, lot: Lot) -> None:
        self.lots.setdefault(lot.title, []).append(lot)

    def files(self, sending: Sending) -> None:
        inside = {lot.path for lots in self.lots.values() for lot in lots}
        for file in sending.survey.files():
            above, _, name = file.path.rpartition("/")
            glob = self._glob(name) if above else None
            if glob is not None and not _is_inside(above, inside):
                self.count(Lot.of(file, glob))

    def _glob(self, name: str) -> str | None:
        if name in self._names:
            return name
        if self._ends and name.endswith(self._ends):
            return next(glob for end, glob in self._suffixes.items() if name.endswith(end))
        return None


def _is_inside(path: str, directories: set[str]) -> bool:
    while path:
        if path in directories:
            return True
        path = path.rpartition("/")[0]
    return False


def _smell(sending: Sending, pattern: Pattern, lots: list[Lot]) -> ContextSmell | None:
    is_known = pattern.glob in _KNOWN
    if sending.sends_unused:
        sizes = [(lot.files, lot.content_bytes, lot.path) for lot in lots]
    else:
        sizes = [(lot.used_files, lot.used_bytes, lot.path) for lot in lots if lot.used_files]
    files, content_bytes = sum(one[0] for one in sizes), sum(one[1] for one in sizes)
    if not files or (not is_known and is_small(content_bytes)):
        return None
    paths = [path for _, _, path in sorted(sizes, key=lambda one: (-one[1], one[2]))]
    size = amount(files, content_bytes, is_whole=sending.is_whole)
    return ContextSmell(
        message=f"{pattern.glob} counts only in the root: {listed(paths)} "
        f"{'are' if len(paths) > 1 else 'is'} sent, {size}.",
        line=pattern.line,
        paths=tuple(paths[:MOST_PATHS]),
        files=files,
        content_bytes=content_bytes,
        advice=f"Write **/{pattern.glob} to leave them out wherever they are.",
        severity=None if is_known else "info",
        confidence=None if is_known else "guess",
    )


RULE = ContextRule(
    name="pattern-only-at-root",
    title="A pattern counts only in the root of the context",
    severity="warning",
    confidence="likely",
    advice="Write **/ before the name to leave it out wherever it is.",
    page=__doc__,
    check=_check,
)
