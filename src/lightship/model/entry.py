"""Entries: one record of a layer's tar."""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """What an entry is. The numbers are stored in the cache: never reuse one."""

    REGULAR = 0
    HARD_LINK = 1
    SYMLINK = 2
    DIRECTORY = 3
    CHARACTER_DEVICE = 4
    BLOCK_DEVICE = 5
    FIFO = 6
    WHITEOUT = 7
    """`.wh.NAME`, whatever its type or size; the entry's name is NAME."""
    OPAQUE = 8
    """`.wh..wh..opq`; the entry's name is empty, its directory is the opaque one."""
    IGNORED = 9
    """AUFS records (`.wh..wh.plnk`, ...) and `.wh.` alone: no content, no effect."""


MARKERS = frozenset((Kind.WHITEOUT, Kind.OPAQUE, Kind.IGNORED))
