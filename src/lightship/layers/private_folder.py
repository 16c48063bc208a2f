"""A folder that is ours alone, in which several processes keep small files.

Files are written aside and renamed; one that is damaged or gone counts as absent. Nothing fails for
what is there, or for a disk that is full: what is kept only saves time.
"""

from __future__ import annotations

import contextlib
import os
from threading import get_ident
from typing import TYPE_CHECKING

import xxhash

from lightship.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_NEW_FILE = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
_CHECKSUM_BYTES = 16


class PrivateFolder:
    """The folder `name` in `directory`, both of mode 0700 and our own.

    Args:
        directory: made if need be.
        name: of the folder in it.
        max_bytes: a larger file is not kept.
        chosen: somebody named the directory, and is told if it cannot be trusted; else it is
            simply not used.

    Raises:
        UsageError: the chosen directory belongs to somebody else, or others may write to it.
    """

    def __init__(self, directory: Path, name: str, *, max_bytes: int, chosen: bool) -> None:
        self.path = directory / name
        self._max_bytes = max_bytes
        try:
            self.usable = is_private(directory) and is_private(self.path)
        except UsageError:
            if chosen:
                raise
            self.usable = False

    def read(self, name: str) -> bytes | None:
        """A file's bytes; None where there is none."""
        if not self.usable:
            return None
        try:
            return (self.path / name).read_bytes()
        except OSError:
            return None

    def write(self, name: str, data: bytes) -> None:
        """Keep bytes under a name, whole or not at all."""
        if not self.usable or len(data) > self._max_bytes:
            return
        path = self.path / name
        part = self.path / f"{path.stem}-{os.getpid()}-{get_ident()}.part"
        try:
            with os.fdopen(os.open(part, _NEW_FILE, 0o600), "wb") as file:
                file.write(data)
            part.replace(path)
        except OSError:
            remove(part)

    def touch(self, name: str) -> None:
        """A use: what was not used for longest goes first."""
        with contextlib.suppress(OSError):
            os.utime(self.path / name)

    def remove(self, name: str) -> None:
        """Take a file away, if it is there and can be."""
        remove(self.path / name)


def remove(path: Path) -> None:
    """Take a file away, if it is there and can be."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def sealed(data: bytes) -> bytes:
    """Bytes with a checksum against damage; no signature."""
    return xxhash.xxh3_128_digest(data) + data


def unsealed(data: bytes) -> bytes:
    """What was sealed.

    Raises:
        ValueError: it was damaged.
    """
    checksum, content = data[:_CHECKSUM_BYTES], data[_CHECKSUM_BYTES:]
    if xxhash.xxh3_128_digest(content) != checksum:
        raise ValueError("damaged")
    return content


def is_private(
    directory: Path, what: str = "the cache directory", option: str = "--cache-dir"
) -> bool:
    """Make a directory that is ours alone; False where it cannot be used.

    Args:
        directory: made if need be.
        what: it is, for messages.
        option: that names another one.

    Raises:
        UsageError: it is there and belongs to somebody else, or others may write to it.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        stat = directory.stat()
    except OSError:
        return False
    if stat.st_uid != os.geteuid() or stat.st_mode & 0o022:
        raise UsageError(
            f"{what} {str(directory)!r} is not yours alone",
            f"Who can write there could forge results; chmod 700 it, or name another: {option}.",
        )
    return True
