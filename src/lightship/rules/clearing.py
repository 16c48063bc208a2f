"""What commands take away: `rm -rf /var/lib/apt/lists/*` and its like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.dockerfile.shell.script import Command

_CHOICE = re.compile(r"\{([^{}]*,[^{}]*)\}")
_HOME = re.compile(r"\A(?:~[\w.-]*|\$HOME|\$\{HOME\}|/root|/home/[^/]+)(?=/|\Z)")
# Programs of an image's own that clean up: `clean-layer.sh`, `/cleanup`.
CLEANING = re.compile(r"clean")
_DEFAULT = re.compile(r"\$\{\w+:?-([^{}]*)\}")
_BRACED = re.compile(r"\$\{(\w+)\}")
_ALL_OF_IT = frozenset(("", ".", "*", "**", "*.*", ".*", ".[!.]*", ".[^.]*", ".??*"))
_MOST_CHOICES = 64
_LONGEST = 4096


def removed_paths(command: Command) -> Iterator[str]:
    """The paths that an `rm` or a deleting `find` names: `~` for homes, `${A:-/b}` as `/b`."""
    texts = [word.text for word in command.arguments]
    if command.name == "find":
        if not any(text in ("-delete", "rm", "/bin/rm") for text in texts):
            return
        texts = [text for text in texts if text.startswith(("/", "~", "$"))]
    elif command.name not in ("rm", "unlink", "shred"):
        return
    for text in texts:
        if not text.startswith("-") and len(text) <= _LONGEST:
            for choice in _choices(text):
                yield _normal(choice)


def removes(command: Command, paths: Iterable[str]) -> bool:
    """Whether a command takes away one of these paths, what is in it, or what it is in."""
    wanted = [_normal(path) for path in paths]
    for path in removed_paths(command):
        for one in wanted:
            inside = path.startswith(one + "/") and "*" in path[len(one) :]
            if path and (path == one or one.startswith(path + "/") or inside):
                return True
    return False


def _normal(path: str) -> str:
    path = _BRACED.sub(r"$\1", _DEFAULT.sub(r"\1", path))
    before, slash, last = path.rpartition("/")
    while slash and last in _ALL_OF_IT:
        path = before
        before, slash, last = path.rpartition("/")
    return _HOME.sub("~", path)


def _choices(text: str) -> Iterable[str]:
    """The text with each `{a,b}` taken, at most 64 of them."""
    found = [text]
    while len(found) <= _MOST_CHOICES:
        match = _CHOICE.search(found[0])
        if match is None:
            break
        found = [
            one[: at.start()] + choice + one[at.end() :]
            for one in found
            if (at := _CHOICE.search(one)) is not None
            for choice in at[1].split(",")
        ]
    return found[:_MOST_CHOICES]
