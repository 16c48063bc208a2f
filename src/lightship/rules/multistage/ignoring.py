"""Which files of the context an ignore file keeps from the build, as far as that is plain.

Only plain patterns are understood: names, `*`, `?`, a leading `**/`, a trailing `/**`. Where others
or exceptions may have a say, nobody is told yes or no. Source: docs.docker.com/build/concepts
/context, "Syntax" of .dockerignore.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_PATTERNS = 500
_MOST_STARS = 4  # each may try every place in a name
_PLAIN = re.compile(r"(?:\*\*/)?[\w.@+ *?/-]*?(?:/\*\*)?")


def ignored_by(text: str) -> Callable[[str], bool | None]:
    """What an ignore file says of a path: it stays out, it is let in, or None: nobody can say."""
    patterns = list(_patterns(text))
    if len(patterns) > _MOST_PATTERNS:
        return lambda _: None

    def says(path: str) -> bool | None:
        answer: bool | None = False
        for is_exception, pattern in patterns:
            if pattern is None:
                answer = None
            elif pattern.match(path):
                # What is below an exception's folder depends on the builder.
                answer = (None if answer else answer) if is_exception else True
        return answer

    return says


def _patterns(text: str) -> list[tuple[bool, re.Pattern[str] | None]]:
    """Whether each is an exception, and what it matches, also above a path; None if not plain."""
    found: list[tuple[bool, re.Pattern[str] | None]] = []
    for raw in text.split("\n"):
        line = "" if raw.startswith("#") else raw.strip()
        is_exception = line.startswith("!")
        line = line.removeprefix("!").strip()
        if not line:
            continue
        line = posixpath.normpath(line).lstrip("/")
        found.append((is_exception, _compiled(line)))
    return found


def _compiled(pattern: str) -> re.Pattern[str] | None:
    if pattern in (".", ""):
        return re.compile(r"(?!)")
    below = pattern.endswith("/**")
    middle = pattern.removesuffix("/**").removeprefix("**/")
    if not _PLAIN.fullmatch(pattern) or "**" in middle or middle.count("*") > _MOST_STARS:
        return None
    expression = "".join({"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char)) for char in middle)
    prefix = "(?:.*/)?" if pattern.startswith("**/") else ""
    return re.compile(prefix + expression + ("/" if below else r"(?:/|\Z)"))
