"""The window through which the scanner sees a tar: one piece of the stream at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from lightship.errors import CorruptInputError
from lightship.layers.headers import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.layers.limits import Allowance


class Sink(Protocol):
    """Takes content: a hash, or a collector."""

    def update(self, data: memoryview, /) -> None: ...


class Window:
    """Holds one piece of the stream; `position` is where the scanner stands in it.

    The scanner keeps copies of these fields in local variables (`state`), and gives `position`
    back before it calls a method.
    """

    def __init__(self, chunks: Iterator[bytes], allowance: Allowance) -> None:
        self._chunks = chunks
        self._allowance = allowance
        self.data = b""
        self.view = memoryview(b"")
        self.position = 0
        self.base = 0

    def state(self) -> tuple[bytes, memoryview, int, int, int]:
        """The piece, a view of it, the position in it, its length, and its offset in the tar."""
        return self.data, self.view, self.position, len(self.data), self.base

    def take_header(self) -> bytes | None:
        """The next block, or None where the tar ends before it (Go takes that as an end, too)."""
        if self.position == len(self.data) and not self._advance():
            return None
        return self.take(BLOCK, "a header")

    def take(self, count: int, what: str) -> bytes:
        """The next `count` bytes in one piece."""
        piece = self.data[self.position : self.position + count]
        self.position += len(piece)
        while len(piece) < count:
            self._expect_more(what)
            rest = self.data[: count - len(piece)]
            self.position = len(rest)
            piece += rest
        return piece

    def peek(self, count: int) -> bytes:
        """The next `count` bytes, fewer only at the end of the tar; the position stays."""
        while len(self.data) - self.position < count:
            rest = self.data[self.position :]
            if not self._advance():
                self.position -= len(rest)
                break
            self.base -= len(rest)
            self.data = rest + self.data
            self.view = memoryview(self.data)
        return self.data[self.position : self.position + count]

    def feed(self, count: int, sinks: tuple[Sink, ...], what: str) -> None:
        """Pass the next `count` bytes to `sinks`; without sinks they are skipped."""
        while True:
            here = min(count, len(self.data) - self.position)
            for sink in sinks:
                sink.update(self.view[self.position : self.position + here])
            self.position += here
            count -= here
            if not count:
                return
            self._expect_more(what)

    def skip_padding(self, content_bytes: int) -> None:
        """Go to the next block behind content; a tar that ends within the padding has ended."""
        padding = -content_bytes % BLOCK
        while padding:
            here = min(padding, len(self.data) - self.position)
            self.position += here
            padding -= here
            if padding and not self._advance():
                return

    def spend(self, unpacked_bytes: int) -> None:
        """Count bytes that the image asks for and the tar does not hold (holes)."""
        self._allowance.spend(unpacked_bytes)

    def drain(self) -> int:
        """Read the rest of the stream; returns its whole length."""
        while self._advance():
            pass
        return self.base + len(self.data)

    def _expect_more(self, what: str) -> None:
        if not self._advance():
            total = self.base + len(self.data)
            raise CorruptInputError(f"the tar ends after {total} bytes, in the middle of {what}")

    def _advance(self) -> bool:
        for chunk in self._chunks:
            if chunk:
                self.base += len(self.data)
                self._allowance.spend(len(chunk))
                self.data, self.view, self.position = chunk, memoryview(chunk), 0
                return True
        self.position = len(self.data)
        return False
