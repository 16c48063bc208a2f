"""Where a connection ends: TCP addresses that were looked at first, and unix sockets."""

from __future__ import annotations

import ipaddress
import socket
import time
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from lightship.net.addresses import Guard
from lightship.net.heads import StrictHead


class RefusedAddressError(OSError):
    """A redirect leads to an address that it may not lead to; the text names the kind."""


class _Heads:
    """Remembers the head that the standard library makes, whose body we read ourselves.

    `response_class` is called as the class that it is elsewhere; types cannot say so.
    """

    head: StrictHead

    def response_class(self, sock: socket.socket, **options: Any) -> StrictHead:  # noqa: ANN401
        self.head = StrictHead(sock, **options)
        return self.head


class TcpConnection(_Heads, HTTPConnection):  # type: ignore[misc]
    """Plain HTTP to a host and port.

    Attributes:
        guard: which addresses are refused.
        peer: the address that was connected to.
        head: of the last answer.
    """

    guard = Guard.NONE
    peer: str | None = None

    def _new_conn(self) -> socket.socket:
        sock, self.peer = _reached(self._dns_host, self.port, self.timeout, self.guard)
        return sock


class TlsConnection(_Heads, HTTPSConnection):  # type: ignore[misc]
    """As `TcpConnection`, with TLS."""

    guard = Guard.NONE
    peer: str | None = None

    def _new_conn(self) -> socket.socket:
        sock, self.peer = _reached(self._dns_host, self.port, self.timeout, self.guard)
        return sock


class UnixConnection(_Heads, HTTPConnection):  # type: ignore[misc]
    """Plain HTTP over a unix socket."""

    peer: str | None = None

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def _new_conn(self) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(self.timeout)
            sock.connect(self._path)
        except BaseException:
            sock.close()
            raise
        return sock


Connection = TcpConnection | TlsConnection | UnixConnection


def _reached(
    host: str, port: int, seconds: float | None, guard: Guard
) -> tuple[socket.socket, str]:
    """A socket to the first address that answers within the time for all, and that address."""
    deadline = time.monotonic() + (seconds or 0.0)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # All of them, before any: what was resolved here is what is connected to, so that a name
    # cannot turn elsewhere in between.
    for *_, address in found:
        _judge(str(address[0]), guard)
    failure: OSError = TimeoutError("timed out")
    for tried, (family, kind, protocol, _, address) in enumerate(found):
        # An address that swallows everything leaves time for the others.
        left = (deadline - time.monotonic()) / (len(found) - tried)
        if seconds is not None and left <= 0:
            break
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as problem:  # a family that this machine does not speak
            failure = problem
            continue
        try:
            sock.settimeout(None if seconds is None else left)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
            peer = str(sock.getpeername()[0])
            _judge(peer, guard)
        except OSError as problem:
            sock.close()
            failure = problem
        else:
            return sock, peer
    raise failure


def _judge(address: str, guard: Guard) -> None:
    if reason := guard.refuses(ipaddress.ip_address(address.partition("%")[0])):
        raise RefusedAddressError(reason)
