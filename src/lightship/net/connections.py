"""Connections that stay open for the next request."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from urllib3.connection import ProxyConfig
from urllib3.util.url import Url

from lightship.net.proxies import Proxy, proxy_for
from lightship.net.sockets import Connection, TcpConnection, TlsConnection, UnixConnection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.net.addresses import Guard
    from lightship.net.origins import Origin, Target
    from lightship.net.tls import Trust

_IDLE_PER_ROUTE = 8


class Route(Struct, frozen=True):
    """What a connection may be used again for.

    Attributes:
        guard: which addresses are refused.
    """

    origin: Origin
    guard: Guard


class Line(Struct):
    """A connection in use.

    Attributes:
        fresh: never used before, so that a failure is not for its age.
        spoilt: a body was not sent to its end, so that nothing can follow.
        proxy: through which it goes.
    """

    raw: Connection
    route: Route
    fresh: bool = True
    proxy: Proxy | None = None
    spoilt: bool = False

    def request_target(self, target: Target) -> str:
        """What stands in the request line: for a forwarding proxy the whole URL."""
        if self.proxy is not None and target.origin.scheme == "http":
            return f"{target.origin}{target.request}"
        return target.request

    def extra_headers(self, target: Target) -> dict[str, str]:
        """For a forwarding proxy, who we are; a tunnel's was told that at its start."""
        if self.proxy is None or self.proxy.authorization is None or target.origin.scheme != "http":
            return {}
        return {"Proxy-Authorization": self.proxy.authorization.reveal()}


class Dialling(Protocol):
    """Makes a connection, not yet open."""

    def __call__(self, route: Route) -> Line: ...


class DialTcp:
    """To the route's origin, or its proxy."""

    def __init__(self, trust: Trust, environment: Mapping[str, str], seconds: float) -> None:
        self._trust = trust
        self._environment = environment
        self._seconds = seconds

    def __call__(self, route: Route) -> Line:
        origin = route.origin
        proxy = proxy_for(origin, self._environment)
        if proxy is not None:
            return Line(self._to_proxy(origin, proxy), route, proxy=proxy)
        raw: TcpConnection | TlsConnection
        if origin.scheme == "http":
            raw = TcpConnection(origin.host, origin.port, timeout=self._seconds)
        else:
            raw = TlsConnection(
                origin.host,
                origin.port,
                timeout=self._seconds,
                ssl_context=self._trust.context(origin),
            )
        raw.guard = route.guard
        return Line(raw, route)

    def _to_proxy(self, origin: Origin, proxy: Proxy) -> Connection:
        place = proxy.origin
        if origin.scheme == "http" and place.scheme == "http":
            return TcpConnection(place.host, place.port, timeout=self._seconds)
        if origin.scheme == "http":
            return TlsConnection(
                place.host,
                place.port,
                timeout=self._seconds,
                ssl_context=self._trust.context(None),
            )
        connection = TlsConnection(
            place.host,
            place.port,
            timeout=self._seconds,
            ssl_context=self._trust.context(origin),
            proxy=Url(scheme=place.scheme, host=place.host, port=place.port),
            proxy_config=ProxyConfig(
                ssl_context=self._trust.context(None),
                use_forwarding_for_https=False,
                assert_hostname=None,
                assert_fingerprint=None,
            ),
        )
        secret = proxy.authorization
        connection.set_tunnel(
            origin.host,
            origin.port,
            headers={"Proxy-Authorization": secret.reveal()} if secret else {},
            scheme=place.scheme,
        )
        return connection


class DialUnix:
    """To a unix socket, whatever the origin."""

    def __init__(self, path: str, seconds: float) -> None:
        self._path = path
        self._seconds = seconds

    def __call__(self, route: Route) -> Line:
        return Line(UnixConnection(self._path, self._seconds), route)


class Connections:
    """Idle connections by route; several threads may take and give back."""

    def __init__(self, dial: Dialling) -> None:
        self._dial = dial
        self._idle: dict[Route, list[Line]] = {}
        self._lock = Lock()
        self._closed = False

    def take(self, route: Route) -> Line:
        """An idle connection that is still up, else one that has yet to be opened."""
        while True:
            with self._lock:
                idle = self._idle.get(route)
                line = idle.pop() if idle else None
            if line is None:
                return self._dial(route)
            # A connection with something to read was closed, or says what nobody asked for.
            if line.raw.is_connected:
                return line
            line.raw.close()

    def fresh(self, route: Route) -> Line:
        """A connection that has yet to be opened."""
        return self._dial(route)

    def give_back(self, line: Line) -> None:
        """Keep a connection whose answer was read to its end."""
        line.fresh = False
        with self._lock:
            idle = self._idle.setdefault(line.route, [])
            usable = not (self._closed or line.spoilt or line.raw.is_closed)
            if usable and len(idle) < _IDLE_PER_ROUTE:
                idle.append(line)
                return
        line.raw.close()

    def close(self) -> None:
        """Close what is idle; what is in use closes when it is given back."""
        with self._lock:
            self._closed = True
            lines = [line for idle in self._idle.values() for line in idle]
            self._idle.clear()
        for line in lines:
            line.raw.close()
