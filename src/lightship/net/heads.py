"""The head of an answer, bounded in bytes and time, and read strictly."""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import io
    import socket

_HEAD_BYTES = 256 * 1024
_TRAILERS = 100


class MalformedHeadError(http.client.HTTPException):
    """The head is not what HTTP/1.1 asks for; the text says how, and quotes nothing."""


class StrictHead(http.client.HTTPResponse):
    """An answer whose head ends, where the standard library would read for ever or guess.

    It takes endless `100 Continue`, cut headers and headers that are none for a valid head.
    """

    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self._seconds = sock.gettimeout()

    def begin(self, **limits: int | None) -> None:
        raw = self.fp
        self.fp = _BoundedLines(raw, self._seconds)  # type: ignore[assignment]
        try:
            super().begin(**limits)
        finally:
            if self.fp is not None:
                self.fp = raw
        if self.msg.defects or self.msg.get_payload():
            raise MalformedHeadError("its headers are malformed")
        coding = self.headers.get("transfer-encoding")
        if coding is not None and not self.chunked:
            raise MalformedHeadError("its Transfer-Encoding is not chunked")
        lengths = {length.strip() for length in self.headers.get_all("content-length", [])}
        if len(lengths) > 1 or not all(
            n.isdecimal() and n.isascii() and len(n) < 20 for n in lengths
        ):
            raise MalformedHeadError("its Content-Length is no number")

    def read_some(self, room: memoryview) -> int:
        """The next bytes of the body, after one receive at most; 0 at its end.

        `read1` would make an object of each TLS record (16 KiB) with some ten calls around it.

        Raises:
            IncompleteRead: the body broke off.
        """
        if self.isclosed() or self._method == "HEAD":  # type: ignore[attr-defined]
            return 0
        left = self._get_chunk_left() if self.chunked else self.length  # type: ignore[attr-defined]
        if left is None:
            return 0 if self.chunked else self.fp.readinto1(room)
        if left == 0:
            return 0
        got = self.fp.readinto1(room[:left]) if left > 0 else 0
        if not got:
            raise http.client.IncompleteRead(b"")
        if self.chunked:
            self.chunk_left = left - got
        else:
            self.length = left - got
        return got

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        # The standard library goes on after 100 alone, and takes "103 Early Hints" for the answer.
        return version, 100 if 101 < status < 200 else status, reason

    def _read_and_discard_trailer(self) -> None:
        for _ in range(_TRAILERS):
            line = self.fp.readline(65537)
            if len(line) > 65536:
                break
            if line in (b"\r\n", b"\n", b""):
                return
        raise MalformedHeadError("its trailers have no end")


class _BoundedLines:
    """`readline` of a buffered reader, that ends."""

    def __init__(self, stream: io.BufferedReader, seconds: float | None) -> None:
        self._stream = stream
        self._room = _HEAD_BYTES
        self._deadline = None if seconds is None else time.monotonic() + 2 * seconds

    def readline(self, limit: int) -> bytes:
        line = b""
        while not line.endswith(b"\n") and len(line) < limit:
            if self._deadline is not None and time.monotonic() > self._deadline:
                raise TimeoutError("timed out")
            there = self._stream.peek(1)
            if not there:
                if not line and self._room == _HEAD_BYTES:
                    return b""  # no answer at all, which http.client names well
                raise http.client.IncompleteRead(b"")
            taken = min(there.find(b"\n") + 1 or len(there), limit - len(line))
            line += self._stream.read(taken)
            self._room -= taken
            if self._room < 0:
                raise MalformedHeadError(f"its headers are longer than {_HEAD_BYTES:,} bytes")
        return line

    def close(self) -> None:
        self._stream.close()
