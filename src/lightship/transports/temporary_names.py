"""Temporary files and directories that the next run can tell from what is still in use.

Each has a name with `PREFIX` and is locked (flock) as long as its process lives; the kernel drops
the lock when that ends, however it ends. What has such a name and no lock is left over.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = ".lightship-staged-"
_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_LOOK = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_DIRECTORY = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY


def new_file(directory: str, mode: int) -> tuple[int, str]:
    """A new temporary file, open and locked: its descriptor and path.

    Raises:
        OSError: it could not be made.
    """
    while True:
        path = _name(directory)
        descriptor = os.open(path, _FILE, mode)
        if _locked(descriptor, path):
            return descriptor, path


def new_directory(directory: str) -> tuple[int, str]:
    """A new temporary directory, open and locked: its descriptor and path.

    Raises:
        OSError: it could not be made.
    """
    while True:
        path = _name(directory)
        os.mkdir(path, 0o700)  # noqa: PTH102 - paths are text all through here
        with suppress(FileNotFoundError):  # swept before it was locked
            descriptor = os.open(path, _DIRECTORY)
            if _locked(descriptor, path):
                return descriptor, path


def sweep(directory: str) -> None:
    """Remove what runs left behind that have ended. Never raises."""
    with suppress(OSError), os.scandir(directory) as found:
        for path in [entry.path for entry in found if entry.name.startswith(PREFIX)]:
            with suppress(OSError):
                _remove_if_left(path)


@contextmanager
def alone_in(directory: str) -> Iterator[None]:
    """Hold a directory's own lock; where its file system has none, go on without.

    Raises:
        OSError: there is no such directory.
    """
    descriptor = os.open(directory, _DIRECTORY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def sync_directory(path: str) -> None:
    """Make the names in a directory last; where its file system cannot, it cannot."""
    descriptor = os.open(path, _DIRECTORY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _name(directory: str) -> str:
    return os.path.join(directory, PREFIX + secrets.token_hex(8))  # noqa: PTH118 - see above


def _locked(descriptor: int, path: str) -> bool:
    """Lock what was just made; False where it was swept before that."""
    with suppress(OSError):  # without locks nothing is swept either
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        if os.path.samestat(os.fstat(descriptor), os.lstat(path)):
            return True
    except FileNotFoundError:
        pass
    os.close(descriptor)
    return False


def _remove_if_left(path: str) -> None:
    mode = os.lstat(path).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return
    descriptor = os.open(path, _LOOK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            shutil.rmtree(path)
        else:
            os.unlink(path)  # noqa: PTH108 - see above
    finally:
        os.close(descriptor)
