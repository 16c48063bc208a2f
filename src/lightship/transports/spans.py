"""Stretches of local files, read in place and from several threads."""

from __future__ import annotations

import os
import stat
import weakref
from pathlib import Path
from typing import BinaryIO, cast

from lightship.errors import CorruptInputError, UnreachableError
from lightship.model.image import FileIdentity
from lightship.transports.reading import PieceReader


class LocalFile:
    """An open regular file, read by offset; closed when nothing refers to it any more.

    Args:
        descriptor: becomes this object's own.
        name: for messages.
    """

    def __init__(self, descriptor: int, name: str) -> None:
        self._close = weakref.finalize(self, os.close, descriptor)
        self._descriptor = descriptor
        self.name = name
        self.file_bytes = os.fstat(descriptor).st_size

    @classmethod
    def open(cls, path: str) -> LocalFile:
        """Open a regular file; devices, FIFOs and sockets are never opened.

        Raises:
            FileNotFoundError: there is none.
            UnreachableError: it may not be read, or is no regular file.
        """
        try:
            _must_be_regular(Path(path).stat().st_mode, path)
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(path) from None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UnreachableError(f"{path} cannot be read: {reason}") from None
        try:
            _must_be_regular(os.fstat(descriptor).st_mode, path)
        except UnreachableError:
            os.close(descriptor)
            raise
        return cls(descriptor, path)

    def read_at(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset`; fewer only at the end of the file.

        Raises:
            UnreachableError: the device or file system gave an error.
        """
        try:
            return os.pread(self._descriptor, count, offset)
        except OSError as error:
            raise UnreachableError(f"{self.name} cannot be read: {error.strerror}") from None

    def fileno(self) -> int:
        """Its descriptor, open as long as this object lives."""
        return self._descriptor

    def identity(self, offset: int, length: int) -> FileIdentity:
        """What tells this stretch apart, as the file is now."""
        now = os.fstat(self._descriptor)
        return FileIdentity(
            device=now.st_dev,
            inode=now.st_ino,
            file_bytes=now.st_size,
            mtime_ns=now.st_mtime_ns,
            ctime_ns=now.st_ctime_ns,
            offset=offset,
            length=length,
        )

    def span(self, offset: int, length: int) -> BinaryIO:
        """A stream of its own over a stretch of the file."""
        return cast("BinaryIO", Span(self, offset, length))


def _must_be_regular(mode: int, path: str) -> None:
    if not stat.S_ISREG(mode):
        raise UnreachableError(f"{path} is no regular file")


class Span(PieceReader):
    """Knows its own position, so that many may read one file at once.

    Attributes:
        file: where the bytes are.
        start: offset of the first one.
        length: how many there are.
    """

    def __init__(self, file: LocalFile, offset: int, length: int) -> None:
        super().__init__()
        self.file = file
        self.start = offset
        self.length = length
        self._done = 0

    def take(self, count: int) -> bytes:
        left = self.length - self._done
        wanted = min(count, left)
        if not wanted:
            return b""
        data = self.file.read_at(self.start + self._done, wanted)
        if not data:
            raise CorruptInputError(
                f"{self.file.name} ends after {self.start + self._done} bytes, "
                f"{left} bytes too early",
                "It is cut off, or was written to while it was read.",
            )
        self._done += len(data)
        return data
