"""An answer whose body is still to come."""

from __future__ import annotations

import time
from ipaddress import ip_address
from math import inf
from typing import TYPE_CHECKING

from lightship.net.addresses import is_loopback
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
_ROOM_BYTES = 512 * 1024


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
        self._raw: HTTPResponse | None = raw
        self._head = line.raw.head
        self._room = memoryview(b"")
        self._failure: RequestError | None = None
        self._line = line
        self._connections = connections
        self._options = options
        # Time spent in reading alone: whoever reads may take as long as they like.
        self._waited = 0.0
        self._arrived = 0
        self._patience = inf if target.socket else 4 * options.stall_seconds

    @property
    def is_local(self) -> bool:
        """Whether it comes from an address of this machine's own loopback."""
        return self.peer is not None and is_loopback(ip_address(self.peer.partition("%")[0]))

    @property
    def encoded(self) -> bool:
        """Whether the body is not the thing itself, though we asked for that."""
        return self.headers.get("content-encoding", "").strip().lower() not in ("", "identity")

    def read(self, most: int) -> bytes:
        """The next bytes: so many, but at most 512 KiB, and fewer at the end; then none.

        Raises:
            RequestError: the body breaks off, stalls, or hardly moves; after what came before it.
        """
        if self._failure is not None:
            raise self._failure
        if self._raw is None or not most:
            return b""
        room = self._room_for(most)
        filled = 0
        begun = time.monotonic()
        failure = None
        try:
            while filled < len(room):
                got = self._head.read_some(room[filled:])
                if not got:
                    break
                filled += got
                self._arrived += got
                if time.monotonic() - begun + self._waited > self._patience and self._is_slow():
                    failure = self._slow()
                    break
        except TROUBLES as problem:
            failure = exchanging(problem, self.target, self._options)
        self._waited += time.monotonic() - begun
        if failure is not None:
            self.close()
            self._failure = failure
            if not filled:
                raise failure
        elif filled < len(room) or self._head.length == 0:
            self._release()
        return bytes(room[:filled])

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
        return Response(
            str(self.target), self.status, self.headers, bytes(body), is_local=self.is_local
        )

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

    def _room_for(self, most: int) -> memoryview:
        if not self._room:
            needed = _ROOM_BYTES if self.length is None else min(self.length, _ROOM_BYTES)
            self._room = memoryview(bytearray(needed))
        return self._room[:most]

    def _is_slow(self) -> bool:
        """Whether too little came in the time that is over; and begin to watch anew."""
        slow = self._arrived < _SLOWEST_BYTES
        self._arrived = 0
        self._patience += 4 * self._options.stall_seconds
        return slow

    def _slow(self) -> RequestError:
        return RequestError(
            str(self.target), "the server sends hardly anything", "Try again later.", passing=True
        )


def _joined(raw: HTTPResponse) -> dict[str, str]:
    headers: dict[str, str] = {}
    for spelled, value in raw.headers.iteritems():
        name = spelled.lower()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
