"""How servers are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from pathlib import Path


class NetOptions(Struct, frozen=True, kw_only=True):
    """What a user allows, and how patient we are.

    Attributes:
        offline: no server is asked; engines on this machine still are.
        plain_http: `host` or `host:port` of servers that are spoken to without TLS, because the
            user named them. Nothing else is ever.
        ca_file: certificates (PEM) of authorities to trust besides the system's.
        connect_seconds: until a connection must stand.
        stall_seconds: a server that sends nothing for so long is given up, or asked again.
        attempts: how often one request is made in all, where asking again can help.
        patience_seconds: the longest wait that a server may ask for (Retry-After); asked for more,
            we stop and say when to come again.
    """

    offline: bool = False
    plain_http: frozenset[str] = frozenset()
    ca_file: Path | None = None
    connect_seconds: float = 10.0
    stall_seconds: float = 30.0
    attempts: int = 5
    patience_seconds: float = 60.0
