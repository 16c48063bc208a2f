"""Where a new file goes once it is whole: in the place of another, or down a pipe."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from lightship.errors import DestinationError, UsageError
from lightship.replacing import dress
from lightship.transports.spans import LocalFile
from lightship.transports.stretches import write_all
from lightship.transports.temporary_names import new_file, sweep, sync_directory

if TYPE_CHECKING:
    from collections.abc import Callable

_PIECE = 1 << 20
_PIPE = "Write - for standard output, and pipe that."


class Target(Protocol):
    """A file that is being written."""

    @property
    def file(self) -> LocalFile:
        """Its bytes so far, open for reading and writing at any offset."""

    def publish(self) -> None:
        """Give it its name, now that it is whole.

        Raises:
            OSError: that failed; nothing has changed.
        """

    def drop(self) -> None:
        """Forget it. Never raises; harmless after `publish`."""


class NamedTarget:
    """Takes the place of a file, or is the first of its name.

    Of a file that was there the new one has mode, owner and extended attributes. Behind a link the
    file that it leads to is replaced.

    Raises:
        OSError: no file can be made there.
        DestinationError: what is there is no file.
    """

    def __init__(self, path: str) -> None:
        self._target = os.path.realpath(path)
        self._old = _status(self._target)
        self._directory = os.path.dirname(self._target)  # noqa: PTH120 - paths are text here
        sweep(self._directory)
        mode = 0o666 if self._old is None else 0o600
        descriptor, self._path = new_file(self._directory, mode)
        self.file = LocalFile(descriptor, path)

    def publish(self) -> None:
        descriptor = self.file.fileno()
        if self._old is not None:
            dress(descriptor, Path(self._target), self._old, must=False)
        os.fsync(descriptor)
        Path(self._path).replace(self._target)
        with suppress(OSError):  # it is there by now, whether that will last or not
            sync_directory(self._directory)

    def drop(self) -> None:
        with suppress(OSError):
            Path(self._path).unlink()


class PipedTarget:
    """Goes to standard output once it is whole; until then it is a file without a name.

    Args:
        directory: where that file is.

    Raises:
        OSError: it could not be made.
        UsageError: standard output is closed, or a terminal.
    """

    def __init__(self, directory: Path) -> None:
        self._send = _stdout()
        with tempfile.TemporaryFile(
            buffering=0, prefix="lightship-staged-", dir=directory
        ) as stream:
            self.file = LocalFile(os.dup(stream.fileno()), "standard output")

    def publish(self) -> None:
        offset = 0
        while data := os.pread(self.file.fileno(), _PIECE, offset):
            self._send(data)
            offset += len(data)

    def drop(self) -> None:
        with suppress(OSError):  # give the room back now: blobs may be referred to for longer
            os.ftruncate(self.file.fileno(), 0)


def _status(target: str) -> os.stat_result | None:
    try:
        found = os.stat(target)  # noqa: PTH116 - paths are text here
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise DestinationError(f"{target} is no regular file, and cannot be replaced", _PIPE)
    return found


def _stdout() -> Callable[[bytes], object]:
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, ValueError, io.UnsupportedOperation):
        stream = getattr(sys.stdout, "buffer", None)
        if stream is None:
            raise UsageError("standard output is closed") from None
        return cast("Callable[[bytes], object]", stream.write)
    if os.isatty(descriptor):
        raise UsageError(
            "standard output is a terminal, and an archive is no text",
            "Pipe it (... -o - | docker load), or name a file.",
        )
    sys.stdout.flush()
    return lambda data: write_all(descriptor, data)
