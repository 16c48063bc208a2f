"""A body as a stream that goes on where a connection broke off."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import TYPE_CHECKING

from lightship.net.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

    from lightship.net.live import Live
    from lightship.net.retrying import Attempts

_FREE_RESUMPTIONS = 100
_BYTES_PER_RESUMPTION = 1 << 20
_PIECE_BYTES = 512 * 1024


class ResumingBody(io.BufferedIOBase):
    """The bytes of an answer, forward only.

    Args:
        live: the answer, at its first byte.
        expected_bytes: how many there are; None if nobody knows, and then nothing is resumed.
        attempts: how often to ask again without a new byte in between.
        resume: gives an answer that begins at an offset, or at 0 where the server knows no ranges;
            and tells which. It is asked once per attempt and raises a RequestError.
    """

    def __init__(
        self,
        live: Live,
        expected_bytes: int | None,
        attempts: Attempts,
        resume: Callable[[int], tuple[Live, int]],
    ) -> None:
        super().__init__()
        self._live: Live | None = live
        self._url = str(live.target)
        self._expected = expected_bytes
        self._attempts = attempts
        self._resume = resume
        self._done = 0
        self._skip = 0
        self._ahead = memoryview(b"")
        self._resumptions = 0
        self._failure: RequestError | None = None
        if expected_bytes == 0:
            self._see_the_end(live)

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Exactly `size` bytes, or fewer at the end; all that are left if it is negative."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read1(_PIECE_BYTES), b""))
        first = self.read1(size)
        if len(first) == size or not first:
            return first
        pieces = [first]
        missing = size - len(first)
        while missing and (piece := self.read1(missing)):
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def read1(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, and at least one; none at the end."""
        if self.closed:
            raise ValueError("I/O operation on closed file")
        if self._failure is not None:
            raise self._failure
        if size < 0:
            size = _PIECE_BYTES
        if self._ahead:
            data, self._ahead = bytes(self._ahead[:size]), self._ahead[size:]
            return data
        if size >= _PIECE_BYTES // 4 or not size:
            return self._piece(size)
        # Small reads are served from a large one: each from the socket costs as much.
        self._ahead = memoryview(self._piece(_PIECE_BYTES))
        data, self._ahead = bytes(self._ahead[:size]), self._ahead[size:]
        return data

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._close_live()
        super().close()

    def _piece(self, size: int) -> bytes:
        ended = self._live is None and self._expected is None
        if not size or ended or self._done == self._expected:
            return b""
        try:
            data = self._next(size)
        except RequestError as failure:
            self._failure = failure
            self._close_live()
            raise
        self._done += len(data)
        return data

    def _next(self, size: int) -> bytes:
        while True:
            try:
                return self._from(self._live or self._resumed(), size)
            except RequestError as problem:
                self._close_live()
                if self._expected is None:
                    raise
                self._attempts.after_error(problem)

    def _from(self, live: Live, size: int) -> bytes:
        while self._skip:
            skipped = live.read(min(self._skip, _PIECE_BYTES))
            self._skip -= len(skipped)
            if not skipped:
                raise self._short()
        if self._expected is None:
            data = live.read(size)
            if not data:
                self._live = None
            return data
        left = self._expected - self._done
        data = live.read(min(size, left))
        if not data:
            raise self._short()
        self._attempts.begin_again()
        if len(data) == left:
            self._see_the_end(live)
        return data

    def _see_the_end(self, live: Live) -> None:
        """Look for a byte too many, which also tells that the connection is free again."""
        more = b""
        if live.length is None:
            # All the bytes are here; what comes of the connection is no matter.
            with suppress(RequestError):
                more = live.read(1)
        self._close_live()
        if more:
            raise RequestError(
                self._url, f"the server sends more than the {self._expected:,} bytes there are"
            )

    def _resumed(self) -> Live:
        self._resumptions += 1
        allowed = max(_FREE_RESUMPTIONS, (self._expected or 0) // _BYTES_PER_RESUMPTION)
        if self._resumptions > allowed:
            raise RequestError(
                self._url, f"the server broke off {allowed} times", "Try again later."
            )
        self._live, offset = self._resume(self._done)
        self._skip = self._done - offset
        return self._live

    def _short(self) -> RequestError:
        return RequestError(
            self._url,
            f"the server ended after {self._done:,} of {self._expected:,} bytes",
            "Try again later.",
            passing=True,
        )

    def _close_live(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            live.close()
