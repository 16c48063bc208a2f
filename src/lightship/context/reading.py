"""One file of a folder: links are followed as if the folder were the root of all there is."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MOST_STEPS = 1_000  # components looked at; Linux itself follows forty links
_DEEPEST = 200


class NoFileError(OSError):
    """What stands there is a directory, a FIFO, a device: no regular file."""


class FolderError(NoFileError):
    """What stands there is a directory."""


def read_inside(root: Path, path: str, most_bytes: int) -> bytes | None:
    """The first bytes of a file in a folder; None if there is none, or a link leads nowhere.

    Args:
        root: the folder; a link to it is followed.
        path: from the folder, with `/`.
        most_bytes: to read.

    Raises:
        NoFileError: it is no regular file. Nothing but regular files is opened.
        OSError: it cannot be read.
    """
    try:
        places = [os.open(root, _FOLDER)]
    except FileNotFoundError:
        return None
    try:
        return _read(places, path.split("/"), most_bytes)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    finally:
        for place in places:
            os.close(place)


def _read(places: list[int], path: list[str], most_bytes: int) -> bytes | None:
    """Walk down; `places` are the directories above, the root first."""
    waiting = path[::-1]
    steps = 0
    while waiting:
        name = waiting.pop()
        steps += 1
        if steps > _MOST_STEPS or len(places) > _DEEPEST:
            return None
        if name in ("", "."):
            continue
        if name == "..":
            if len(places) > 1:
                os.close(places.pop())
            continue
        mode = os.stat(name, dir_fd=places[-1], follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            target = os.readlink(name, dir_fd=places[-1])
            if target.startswith("/"):
                _up(places)
            waiting += target.split("/")[::-1]
        elif stat.S_ISDIR(mode):
            places.append(os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=places[-1]))
        elif any(waiting):
            return None
        elif not stat.S_ISREG(mode):
            raise NoFileError(0, "no regular file")
        else:
            return _content(name, places[-1], most_bytes)
    raise FolderError(0, "a directory")


def _up(places: list[int]) -> None:
    while len(places) > 1:
        os.close(places.pop())


def _content(name: str, place: int, most_bytes: int) -> bytes:
    descriptor = os.open(name, _FILE, dir_fd=place)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NoFileError(0, "no regular file")
        return file.read(most_bytes)
