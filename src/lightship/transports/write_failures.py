"""What to say when a destination cannot be written: what, where, and what to do about it."""

from __future__ import annotations

import errno

from lightship.errors import DestinationError

_ADVICE = {
    errno.ENOSPC: "Free some room there, or write to another place.",
    errno.EDQUOT: "Your quota there is used up: free some room, or write to another place.",
    errno.EFBIG: "The file system there, or a limit of this shell (ulimit -f), allows no file of "
    "that size.",
    errno.EROFS: "Write to another place.",
    errno.EACCES: "A new file is put beside the old one and renamed: its directory must be "
    "writable.",
    errno.EPERM: "A new file is put beside the old one and renamed: its directory must be "
    "writable.",
    errno.ENOENT: "Make its directory first.",
    errno.EISDIR: "Name a file; a layout in a directory is written oci:DIR.",
    errno.ENOTDIR: "A part of the path is a file.",
    errno.EPIPE: "Whoever was to read it has ended.",
}


def could_not_write(where: str, error: OSError) -> DestinationError:
    """The error for a destination that gave one; `where` is its canonical reference."""
    advice = _ADVICE.get(error.errno or 0, "")
    return DestinationError(f"{where} could not be written: {error.strerror or error}", advice)
