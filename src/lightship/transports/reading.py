"""Streams of which one method has to be written."""

from __future__ import annotations

import io
from abc import abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_ALL_AT_ONCE = 1024 * 1024


class PieceReader(io.RawIOBase):
    """A readable, unseekable stream; `take` gives its bytes."""

    @abstractmethod
    def take(self, count: int) -> bytes:
        """The next bytes, at most `count` of them (above zero); none only at the end."""

    def readable(self) -> bool:
        return True

    def read(self, count: int | None = -1, /) -> bytes:
        if self.closed:
            raise ValueError("read from a closed stream")
        if count is None or count < 0:
            return self.readall()
        return self.take(count) if count else b""

    def readall(self) -> bytes:
        return b"".join(iter(lambda: self.read(_ALL_AT_ONCE), b""))

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)
