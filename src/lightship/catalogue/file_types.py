"""File types: what files are, by suffix, name and first bytes."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from lightship.catalogue.magics import magic_bytes

OTHER = "other"
VERSIONED = re.compile(rb"\.so(\.\d+)+\Z")
"""The end of `libz.so.1.3` and the like: what comes after its last dot is no suffix."""
_LIBRARY_TYPE = "ELF library"


class FileType(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of file_types.toml, which says what each field means."""

    name: str
    suffixes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    magic: tuple[str, ...] = ()


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    type: tuple[FileType, ...]


class _Lookup(Struct, frozen=True):
    """The table by suffix and by name, and its magics, the longest first."""

    by_suffix: dict[bytes, str]
    by_name: dict[bytes, str]
    by_magic: tuple[tuple[bytes, str], ...]


@cache
def file_types() -> tuple[FileType, ...]:
    """Every type, in the table's order."""
    text = files(__package__).joinpath("file_types.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=_Table).type


def type_by_name(name: bytes) -> str | None:
    """What a file is by its last path component; None if that does not tell."""
    lookup = _lookup()
    low = name.lower()
    at = low.rfind(b".")
    found = lookup.by_suffix.get(low[at:]) if at >= 0 else lookup.by_name.get(low)
    if at > 0 and VERSIONED.search(name):
        return _LIBRARY_TYPE
    return found


def type_by_head(head: bytes) -> str | None:
    """What a file is by its first bytes; None if they do not tell."""
    return next((name for magic, name in _lookup().by_magic if head.startswith(magic)), None)


@cache
def _lookup() -> _Lookup:
    types = file_types()
    magics = [(magic, kind.name) for kind in types for magic in magic_bytes(kind.magic)]
    return _Lookup(
        {suffix.encode(): kind.name for kind in types for suffix in kind.suffixes},
        {name.encode(): kind.name for kind in types for name in kind.names},
        tuple(sorted(magics, key=lambda pair: -len(pair[0]))),
    )
