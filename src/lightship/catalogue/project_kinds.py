"""Kinds of projects, by their files, and what of each a build context does not need."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable


class ProjectKind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of project_kinds.toml, which says what each field means."""

    name: str
    title: str
    markers: tuple[str, ...]


class Group(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of ignored_groups.toml, which says what each field means."""

    name: str
    title: str
    why: str
    in_named: bool
    in_code: bool = False


class GroupLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of a group in ignored_groups.toml, which says what each field means."""

    group: str
    names: tuple[str, ...]
    beside: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    expected: bool = False
    made_by: tuple[str, ...] = ()
    kept_for: tuple[str, ...] = ()
    if_secret: bool = False
    unless_secret: bool = False
    at_root: bool = False
    made_there: tuple[str, ...] = ()


class IgnoredGroups(Struct, frozen=True, forbid_unknown_fields=True):
    """All groups and their rows, in the table's order."""

    group: tuple[Group, ...]
    line: tuple[GroupLine, ...]


class _Kinds(Struct, frozen=True, forbid_unknown_fields=True):
    kind: tuple[ProjectKind, ...]


@cache
def project_kinds() -> tuple[ProjectKind, ...]:
    """Every kind, in the table's order."""
    return msgspec.toml.decode(_text("project_kinds.toml"), type=_Kinds).kind


@cache
def ignored_groups() -> IgnoredGroups:
    """What build contexts do not need."""
    return msgspec.toml.decode(_text("ignored_groups.toml"), type=IgnoredGroups)


@cache
def known_names() -> frozenset[str]:
    """Names of what build contexts do not need, as the rows have them, wildcards and all."""
    return frozenset(name for row in ignored_groups().line for name in row.names)


def has_marker(names: Iterable[str], markers: Iterable[str]) -> bool:
    """Whether one of a folder's files is a marker: by its name, or by `*` and its end."""
    exact = frozenset(names)
    for marker in markers:
        if not marker.startswith("*"):
            if marker in exact:
                return True
        elif any(name.endswith(marker[1:]) for name in exact):
            return True
    return False


def named(pattern: str, name: str) -> bool:
    """Whether a name is one that a row of a group means."""
    return pattern == name or (("*" in pattern or "[" in pattern) and fnmatchcase(name, pattern))


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
