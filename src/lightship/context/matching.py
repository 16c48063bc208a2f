"""Which pattern decides about a path: the path test, and what a walk from the root says.

Source: github.com/moby/patternmatcher at 5a6d842 (2026-03-24): `MatchesOrParentMatches`, and
`MatchesUsingParentResults`, which the walk uses and which differs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.context.ignore_file import Pattern  # noqa: TC001 - a field's type

if TYPE_CHECKING:
    from collections.abc import Sequence


class Decision(Struct, frozen=True):
    """What is said about a path.

    Attributes:
        ignored: whether it stays out of the build context.
        pattern: the one that decides: the last that matches it; None where none does.
    """

    ignored: bool
    pattern: Pattern | None


class Matcher:
    """Patterns, compiled.

    Paths are from the context's root, with `/`, without a leading or final one, with surrogate
    escapes for bytes that are no UTF-8.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = tuple(patterns)
        self._compiled = [_compiled(pattern.glob) for pattern in self.patterns]

    def test(self, path: str) -> Decision:
        """By the path alone: a pattern that matches a directory above it matches it."""
        parts = path.split("/")
        above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        decision = Decision(False, None)
        for pattern, compiled in zip(self.patterns, self._compiled, strict=True):
            if any(compiled.match(one) for one in above):
                decision = Decision(not pattern.is_exception, pattern)
        return decision

    def walked(self, path: str) -> Decision:
        """As BuildKit's walk from the root decides; the path need not exist."""
        return self.test(path)


def _compiled(glob: str) -> re.Pattern[str]:
    text = re.escape(glob).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*")
    return re.compile(text.replace(r"\*", "[^/]*").replace(r"\?", "[^/]") + r"\Z")
