"""What a request is besides its address and headers: a method, and a body that can be resent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Body(Struct, frozen=True):
    """Bytes to send, as often as it takes.

    Attributes:
        pieces: called each time the body is sent. What it raises must be a LightshipError: anything
            else is taken for trouble with the connection.
        body_bytes: how many the pieces have in all.
        media_type: of the header Content-Type; none is sent where it is empty.
    """

    pieces: Callable[[], Iterable[bytes | memoryview]]
    body_bytes: int
    media_type: str = ""

    @classmethod
    def of(cls, data: bytes, media_type: str = "") -> Body:
        """Bytes that are in memory."""
        return cls(lambda: (data,), len(data), media_type)


NO_BODY = Body.of(b"")
"""Of a POST or PUT whose URL says all."""


class Sending(Struct, frozen=True):
    """A request's method and body.

    Attributes:
        once: it is never sent over a connection that may have grown old, since it then had to be
            sent twice.
        answer_seconds: how long the answer may keep us waiting once the body is sent; None for as
            long as any other.
    """

    method: str = "GET"
    body: Body | None = None
    once: bool = False
    answer_seconds: float | None = None

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, so that it may be repeated and redirected at will."""
        return self.method in ("GET", "HEAD")

    @property
    def headers(self) -> dict[str, str]:
        """Those that tell of the body."""
        if self.body is None:
            return {}
        kind = {"Content-Type": self.body.media_type} if self.body.media_type else {}
        return {"Content-Length": str(self.body.body_bytes), **kind}


GET = Sending()
