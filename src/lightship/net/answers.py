"""An answer, whole: what the layers above look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class Response(Struct, frozen=True):
    """An answer, whole.

    Attributes:
        url: what was asked in the end, after redirects; without user, password and query.
        headers: names in lower case; the values of a name that came more than once are joined
            with ", ".
        is_local: whether it came from an address of this machine's own loopback.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    is_local: bool = False

    def __repr__(self) -> str:
        # Headers and body may hold tokens.
        return f"Response({self.url!r}, {self.status}, {len(self.body)} bytes)"
