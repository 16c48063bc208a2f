"""Patterns as the catalogue's tables write them: with choices, homes and variables.

`{a,b}` stands for either; `~` at the beginning for every home an image can have; `$NAME` at the
beginning for the directory that this variable of the image names, nothing where it names none.
Otherwise they are the patterns of `filetree.patterns`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.errors import UsageError
from lightship.filetree.patterns import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT_HOME = "/root"
"""Of every distribution's root."""
HOMES = (ROOT_HOME, "/home/*")
_CHOICE = re.compile(r"\{([^{}]*)\}")
_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)(?=/|$)")
_WILD = re.compile(r"([*?[])")
# Directories that hold more than any one tool's own files: no variable makes them a cache.
_SHARED = re.compile(
    r"/(bin|boot|dev|etc|home|lib\w*|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var"
    r"|app|apps|code|data|project|src|work|workdir|workspace)|/home/[^/]+|/(usr|var|opt)/[^/]+"
)
# A variable with more in it than a directory is none that a build tool was given.
_MAX_VALUE = 300


def expanded(text: str, variables: Mapping[str, str]) -> Iterator[Pattern]:
    """The patterns that one of a table stands for, in an image with these variables."""
    for choice in choices(text):
        for written in _placed(choice, variables):
            try:
                yield Pattern.parse(written)
            except UsageError:
                # A variable with `..` or nothing but `/` in it: it names no place of its own.
                continue


def choices(text: str) -> Iterator[str]:
    """The text with each of its `{a,b}` taken."""
    found = _CHOICE.search(text)
    if found is None:
        yield text
        return
    for choice in found[1].split(","):
        yield from choices(text[: found.start()] + choice + text[found.end() :])


def variables_in(text: str) -> Iterator[str]:
    """The variable that a pattern begins with, if it does."""
    found = _VARIABLE.match(text)
    if found is not None:
        yield found[1]


def _placed(text: str, variables: Mapping[str, str]) -> Iterator[str]:
    if text.startswith("~/"):
        for home in HOMES:
            yield home + text[1:]
        own = directory_in("HOME", variables)
        if own is not None:
            yield own + text[1:]
        return
    variable = _VARIABLE.match(text)
    if variable is None:
        yield text
        return
    directory = directory_in(variable[1], variables)
    rest = text[variable.end() :]
    if directory and not (rest == "/*" and _SHARED.fullmatch(directory)):
        yield directory + rest


def directory_in(name: str, variables: Mapping[str, str]) -> str | None:
    """The directory that a variable names, ready for a pattern; None if it names none.

    The root is the empty text.
    """
    value = variables.get(name, "")
    if not value.startswith("/") or len(value) > _MAX_VALUE or "\0" in value:
        return None
    parts = [part for part in value.split("/") if part not in ("", ".")]
    return "".join("/" + _WILD.sub(r"[\1]", part) for part in parts)
