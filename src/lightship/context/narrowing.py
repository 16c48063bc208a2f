"""A directory of which instructions name single things: all of it can go but these.

`target/*` and `!target/app.jar`, never `target` and an exception: the directory itself stays, so
that every builder walks into it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.context.asking import above
from lightship.context.ignore_file import read_ignore_file
from lightship.context.matching import Matcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lightship.context.asking import Asking

_DIRECTORY = re.compile(r"[\w.@+~/-]+", re.ASCII)
_NAME = re.compile(r"(?!.*\*\*)[\w.@+~*?-]+", re.ASCII)
_MOST_NAMED = 10


def all_but_named(directory: str, asked: Sequence[Asking]) -> tuple[str, ...]:
    """Lines that leave out what is in a directory and no instruction names.

    Args:
        directory: from the root; no instruction takes it whole.
        asked: what the Dockerfiles ask for.

    Returns:
        The lines, in their order; they only hold together. None where nothing in it is named, or
        what is named cannot be said surely.
    """
    inside = directory + "/"
    sources = {path for one in asked for path in one.sources if path.startswith(inside)}
    # Links lead to other paths than those that are written.
    named = {path for one in asked for path in one.named if path.startswith(inside)}
    if not named | sources or len(sources) > _MOST_NAMED or not _DIRECTORY.fullmatch(directory):
        return ()
    if not all(map(_is_sure, sources)):
        return ()
    lines = _lines(directory, sources)
    matcher = Matcher(read_ignore_file("\n".join(lines).encode()).patterns)
    beside = {path for path in named if matcher.test(path).ignored}
    if len(beside) > _MOST_NAMED or not all(map(_is_sure, beside)):
        return ()
    return _lines(directory, sources | beside)


def _lines(directory: str, named: Iterable[str]) -> tuple[str, ...]:
    inside = directory + "/"
    lines: dict[str, None] = {f"{directory}/*": None}
    for path in sorted(named):
        for up in above(path):
            if up.startswith(inside):
                lines.update({f"!{up}": None, f"{up}/*": None})
    lines.update(dict.fromkeys(f"!{path}" for path in sorted(named)))
    return tuple(lines)


def _is_sure(path: str) -> bool:
    """Whether it has wildcards in its last name only, and such as all builders read alike."""
    directory, _, name = path.rpartition("/")
    return _DIRECTORY.fullmatch(directory) is not None and _NAME.fullmatch(name) is not None
