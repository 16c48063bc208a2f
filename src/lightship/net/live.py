"""An answer whose body is still to come."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lightship.net.answers import Response
from lightship.net.errors import RequestError
from lightship.net.failures import TROUBLES, exchanging

if TYPE_CHECKING:
    from urllib3.response import HTTPResponse

    from lightship.net.connections import Connections, Line
    from lightship.net.options import NetOptions
    from lightship.net.origins import Target

# Slower than this, over four times `stall_seconds` of waiting, is a server that keeps us.
_SLOWEST_BYTES = 16 * 1024


class Live:
    """An answer whose body is still to be read.

    Attributes:
        target: what was asked.
        headers: names in lower case; values of the same name joined with ", ".
        length: bytes of the body by Content-Length; None where it is chunked or not told.
        ends: whether a body that breaks off can be told from a whole one.
        peer: the address that answered; None for a unix socket or through a proxy.
    """

    def __init__(
        self,
        target: Target,
        raw: HTTPResponse,
        line: Line,
        connections: Connections,
        options: NetOptions,
    ) -> None:
        self.target = target
        self.status = raw.status
        self.headers = _joined(raw)
        self.length = raw.length_remaining
        self.ends = self.length is not None or bool(raw.chunked)
        self.peer = None if line.proxy else line.raw.peer
        self._left = self.length
        self._raw: HTTPResponse | None = raw
        self._line = line
        self._connections = connections
        self._options = options
        self._waited = 0.0
        self._arrived = 0

    @property
    def encoded(self) -> bool:
        """Whether the body is not the thing itself, though we asked for that."""
        return self.headers.get("content-encoding", "").strip().lower() not in ("", "identity")

    def read(self, most: int) -> bytes:
        """The next bytes, at most so many and at least one; none at the end.

        Raises:
            RequestError: the body breaks off, stalls, or hardly moves.
        """
        if self._raw is None:
            return b""
        if self._left is not None:
            most = min(most, self._left)
        if not most:
            self._release()
            return b""
        begun = time.monotonic()
        failure = None
        data = b""
        try:
            data = self._raw.read1(most, decode_content=False)
        except TROUBLES as problem:
            failure = exchanging(problem, self.target, self._options)
        if failure is None:
            failure = self._too_slow(time.monotonic() - begun, len(data))
        if failure is not None:
            self.close()
            raise failure
        if self._left is not None:
            self._left -= len(data)
        if not data or self._left == 0:
            self._release()
        return data

    def whole(self, limit: int) -> Response:
        """The body at once.

        Raises:
            RequestError: as `read`, or it is longer than `limit`.
        """
        body = bytearray()
        too_long = self.length is not None and self.length > limit
        try:
            while not too_long and (piece := self.read(limit + 1 - len(body))):
                body += piece
                too_long = len(body) > limit
        finally:
            self.close()
        if too_long:
            raise RequestError(
                str(self.target), f"the answer is longer than the {limit:,} bytes allowed for it"
            )
        return Response(str(self.target), self.status, self.headers, bytes(body))

    def close(self) -> None:
        """Give up what is left of the body."""
        raw, self._raw = self._raw, None
        if raw is not None:
            raw.close()
            self._line.raw.close()

    def _release(self) -> None:
        raw, self._raw = self._raw, None
        if raw is not None:
            raw.close()
            self._connections.give_back(self._line)

    def _too_slow(self, seconds: float, count: int) -> RequestError | None:
        self._waited += seconds
        self._arrived += count
        if self._waited < 4 * self._options.stall_seconds or self.target.socket:
            return None
        slow = self._arrived < _SLOWEST_BYTES and count
        self._waited, self._arrived = 0.0, 0
        if not slow:
            return None
        return RequestError(
            str(self.target), "the server sends hardly anything", "Try again later.", passing=True
        )


def _joined(raw: HTTPResponse) -> dict[str, str]:
    headers: dict[str, str] = {}
    for spelled, value in raw.headers.iteritems():
        name = spelled.lower()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
