"""Which ignored directories a builder does not look into.

Sources: tonistiigi/fsutil at 6d9dc2e, filter.go (BuildKit); docker/cli's vendored
moby/go-archive, `Tarballer.Do` (the legacy builder).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lightship.context.builders import Builder
    from lightship.context.ignore_file import Pattern

_MAGIC = frozenset("*[]?^\\")


def skipper(patterns: Sequence[Pattern], builder: Builder) -> Callable[[str], bool]:
    """A test whether an ignored directory is passed over with all it holds.

    It is not if an exception could let in something below it. What could is asked by letters:
    BuildKit looks into every directory once an exception has a wildcard, the legacy builder only
    into those that the exception begins with.

    Args:
        patterns: of the ignore file.
        builder: that walks.
    """
    globs = [one.glob for one in patterns if one.is_exception]
    if builder == "buildkit":
        globs = [glob.removesuffix("/**").removesuffix("/*") for glob in globs]
        if any(not _MAGIC.isdisjoint(glob) for glob in globs):
            return _looks_everywhere
    prefixes = {glob[:end] for glob in (f"{glob}/" for glob in globs) for end in _ends(glob)}
    return lambda directory: directory + "/" not in prefixes


def _looks_everywhere(directory: str) -> bool:
    del directory
    return False


def _ends(glob: str) -> list[int]:
    return [at + 1 for at, letter in enumerate(glob) if letter == "/"]
