"""Paths as package records list them: relative to a folder, and never to be trusted."""

from __future__ import annotations


def joined(folder: bytes, relative: bytes) -> bytes | None:
    """A listed path from the root, without a leading slash; None if empty or beyond the root.

    Args:
        folder: that the path is relative to, `b""` for the root.
        relative: as listed; an absolute one starts at the root.
    """
    if not relative:
        return None
    if relative.startswith(b"/"):
        folder, relative = b"", relative.lstrip(b"/")
    if b"." not in relative and b"//" not in relative and relative[-1:] not in (b"", b"/"):
        return folder + b"/" + relative if folder else relative
    parts = folder.split(b"/") if folder else []
    for part in relative.split(b"/"):
        if part in (b"", b"."):
            continue
        if part != b"..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            return None
    return b"/".join(parts) or None


def is_within(path: bytes, folder: bytes) -> bool:
    """Whether a path is below a folder; `b""` is the root."""
    return not folder or path.startswith(folder + b"/")


def parent_of(path: bytes) -> bytes:
    """The folder of a path; `b""` of what lies in the root."""
    return path.rpartition(b"/")[0]
