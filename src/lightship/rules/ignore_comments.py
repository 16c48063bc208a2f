"""Comments in an ignore file that ask not to hear of something, as in a Dockerfile.

`# lightship: ignore[pattern-only-at-root] why` holds for the next pattern, and
`# lightship: ignore-file[...]` for all that is said about the context.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from lightship.dockerfile.pragmas import Pragmas, pragma_in

if TYPE_CHECKING:
    from lightship.context.ignore_file import IgnoreFile
    from lightship.dockerfile.pragmas import Pragma


def ignore_pragmas(ignore: IgnoreFile) -> Pragmas:
    """Those of a file: for the whole of it, and by the line of the pattern that each is about."""
    everywhere: list[Pragma] = []
    by_line: dict[int, tuple[Pragma, ...]] = {}
    lines = [pattern.line for pattern in ignore.patterns]
    for line, comment in ignore.comments:
        pragma, for_file = pragma_in(comment, line)
        if pragma is None:
            continue
        at = bisect_left(lines, line)
        if for_file:
            everywhere.append(pragma)
        elif at < len(lines):
            by_line[lines[at]] = (*by_line.get(lines[at], ()), pragma)
    return Pragmas(tuple(everywhere), by_line)
