"""What a layer is described with: one class per kind of tar record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What every kind of record has.

    Attributes:
        mode: permission bits; None for the kind's usual ones.
        uid: numeric owner.
        gid: numeric group.
        mtime: whole seconds since 1970; `pax={"mtime": "1.5"}` for fractions.
        xattrs: extended attributes, written as `SCHILY.xattr.*` PAX records.
        pax: further PAX records of this entry; they win over what the header says.
    """

    mode: int | None = None
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    xattrs: Mapping[str, bytes] | Mapping[bytes, bytes] = field(default_factory=dict)
    pax: Mapping[str, str | bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File(Entry):
    """A regular file."""

    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Link(Entry):
    """A hard link; `target` is the path of the other name, from the root."""

    target: str | bytes


@dataclass(frozen=True, slots=True)
class Symlink(Entry):
    """A symbolic link."""

    target: str | bytes


@dataclass(frozen=True, slots=True)
class Dir(Entry):
    """A directory."""


@dataclass(frozen=True, slots=True)
class Device(Entry):
    """A character device, or a block device if `block`."""

    major: int = 0
    minor: int = 0
    block: bool = False


@dataclass(frozen=True, slots=True)
class Fifo(Entry):
    """A named pipe."""


Content: TypeAlias = bytes | Entry
"""Bare bytes are a regular file."""
Layer: TypeAlias = (
    Mapping[str, object] | Mapping[bytes, object] | Sequence[tuple[str | bytes, object]]
)
"""Path to `Content`; pairs where a path is repeated. The value type is loose because a dictionary
of bytes and entries is one of objects to a type checker; anything else is refused when written."""
