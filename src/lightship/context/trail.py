"""Directories, one inside the other, entered by descriptors and without following links."""

from __future__ import annotations

import os

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MOST_OPEN = 64


class Trail:
    """The way from a directory down to one below it.

    However deep it leads, few descriptors are open. The upper ones are closed, and opened again on
    the way back if they are still where they were.
    """

    def __init__(self, descriptor: int) -> None:
        """Begin at an open directory, whose descriptor is closed with the trail."""
        self._open = [descriptor]
        self._closed: list[tuple[int, int]] = []

    @property
    def descriptor(self) -> int:
        """Of the directory where it ends."""
        return self._open[-1]

    def descend(self, name: str) -> None:
        """Enter a directory of the last one.

        Raises:
            OSError: it is a link or no directory, is gone, or may not be read.
        """
        self._open.append(os.open(name, DIRECTORY, dir_fd=self._open[-1]))
        if len(self._open) > _MOST_OPEN:
            self._closed.append(_identity(self._open[0]))
            os.close(self._open.pop(0))

    def ascend(self) -> None:
        """Go back to the directory above.

        Raises:
            OSError: it is not there any more.
        """
        if len(self._open) == 1:
            above = os.open("..", DIRECTORY, dir_fd=self._open[0])
            self._open.insert(0, above)
            if _identity(above) != self._closed.pop():
                raise OSError(0, "moved while it was walked")
        os.close(self._open.pop())

    def close(self) -> None:
        """Close what is open."""
        while self._open:
            os.close(self._open.pop())


def _identity(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino
