"""What the names in a layer mean: cleaned paths and markers."""

from __future__ import annotations

IGNORED = frozenset((b".wh.", b".wh..wh.plnk", b".wh..wh.orph", b".wh..wh.aufs"))
"""AUFS leftovers, and a whiteout of nothing. What lies under such a directory is ignored too."""


class CorruptError(Exception):
    """The image contradicts the format; lightship must stop with exit code 4."""


def clean(name: bytes) -> tuple[bytes, ...]:
    """The parts of a name from the root; () is the root itself."""
    parts: list[bytes] = []
    for part in name.split(b"/"):
        if part in (b"", b"."):
            continue
        if part != b"..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            raise CorruptError(f"{name!r} climbs over the root")
    return tuple(parts)


def marker(parts: tuple[bytes, ...]) -> str | None:
    """`ignored`, `opaque`, `whiteout`, or None for what is no marker."""
    if any(part in IGNORED for part in parts):
        return "ignored"
    if not parts or not parts[-1].startswith(b".wh."):
        return None
    if parts[-1] == b".wh..wh..opq":
        return "opaque"
    if parts[-1] in (b".wh..", b".wh..."):
        raise CorruptError("a whiteout of its own directory, or of the one above")
    return "whiteout"
