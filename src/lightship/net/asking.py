"""One request, one answer: no redirects, no second try but for connections that grew old."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.net.addresses import Guard
from lightship.net.connections import Connections, DialTcp, DialUnix, Line, Route
from lightship.net.errors import RequestError
from lightship.net.failures import TROUBLES, connecting, exchanging
from lightship.net.live import Live
from lightship.net.sending import GET, Sending
from lightship.net.tls import Trust, certificate_directories

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Self

    from lightship.net.options import NetOptions
    from lightship.net.origins import Target

_SENT_BYTES = 64 * 1024


class Asker:
    """Sends requests over connections that it keeps."""

    def __init__(self, connections: Connections, options: NetOptions) -> None:
        self._connections = connections
        self._options = options

    @classmethod
    def over_tcp(
        cls,
        options: NetOptions,
        environment: Mapping[str, str],
        certificates: Iterable[Path] | None,
    ) -> Self:
        """Asks the hosts of URLs, through proxies where the environment names some."""
        if certificates is None:
            certificates = certificate_directories(environment)
        trust = Trust(options.ca_file, certificates)
        return cls(Connections(DialTcp(trust, environment, options.connect_seconds)), options)

    @classmethod
    def over_socket(cls, path: str, options: NetOptions) -> Self:
        """Asks at a unix socket, whatever the URL."""
        return cls(Connections(DialUnix(path, options.connect_seconds)), options)

    def close(self) -> None:
        """Close what is idle."""
        self._connections.close()

    def ask(
        self,
        target: Target,
        headers: Mapping[str, str],
        *,
        guard: Guard = Guard.NONE,
        sending: Sending = GET,
    ) -> Live:
        """Send one request.

        Args:
            target: where.
            headers: all but Host, Accept-Encoding, User-Agent and those that tell of the body.
            guard: which addresses are refused.
            sending: how, and with which body.

        Raises:
            RequestError: no connection, or no answer.
            LightshipError: what the body's pieces raise.
        """
        _check(target, headers)
        route = Route(target.origin, guard)
        while True:
            line = (self._connections.fresh if sending.once else self._connections.take)(route)
            fresh = line.fresh
            outcome: Live | RequestError | None = None
            try:
                outcome = self._converse(line, target, headers, sending)
            finally:
                if not isinstance(outcome, Live):
                    line.raw.close()
            if isinstance(outcome, Live):
                return outcome
            # The server may have closed the connection while our request was on its way.
            if fresh or not sending.reads or not outcome.passing:
                raise outcome

    def _converse(
        self, line: Line, target: Target, headers: Mapping[str, str], sending: Sending
    ) -> Live | RequestError:
        # Errors are returned, not raised, so that none carries the library's own as its context.
        if line.raw.is_closed:
            try:
                line.raw.timeout = self._options.connect_seconds
                line.raw.connect()
            except TROUBLES as problem:
                return connecting(problem, target, line.proxy, self._options)
        try:
            self._send(line, target, headers, sending)
            line.raw.timeout = sending.answer_seconds or self._options.stall_seconds
            raw = line.raw.getresponse()
            line.raw.timeout = self._options.stall_seconds
        except TROUBLES as problem:
            return exchanging(problem, target, self._options)
        live = Live(target, raw, line, self._connections, self._options)
        if live.status == 407 and line.proxy is not None:
            live.close()
            refused = OSError("Tunnel connection failed: 407")  # as a tunnel would have said it
            return connecting(refused, target, line.proxy, self._options)
        return live

    def _send(
        self, line: Line, target: Target, headers: Mapping[str, str], sending: Sending
    ) -> None:
        line.raw.timeout = self._options.stall_seconds
        line.raw.request(
            sending.method,
            line.request_target(target),
            body=None,
            headers={
                "Host": target.origin.netloc,
                "Accept-Encoding": "identity",
                "User-Agent": "lightship",
                **headers,
                **sending.headers,
                **line.extra_headers(target),
            },
            preload_content=False,
            decode_content=False,
        )
        if sending.body is None:
            return
        for piece in sending.body.pieces():
            whole = memoryview(piece)
            try:
                # The time that a send may take is for all of it.
                for start in range(0, len(whole), _SENT_BYTES):
                    line.raw.send(whole[start : start + _SENT_BYTES])
            except OSError:
                # A server may refuse a body before it has come to its end, and say why.
                line.spoilt = True
                if not _has_said_something(line):
                    raise
                return


def _has_said_something(line: Line) -> bool:
    """Whether there is something to read after a body could not be sent."""
    return not line.raw.is_closed and not line.raw.is_connected


def _check(target: Target, headers: Mapping[str, str]) -> None:
    # The library would say so too, and quote the value.
    for name, value in headers.items():
        if not value.isascii() or not value.isprintable():
            raise RequestError(str(target), f"the header {name} would hold what no header can")
