"""Redirects: followed by us, a few, and only to where a server may send us."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import UnreachableError
from lightship.net.addresses import Guard, is_loopback, literal
from lightship.net.answers import Response
from lightship.net.errors import RequestError
from lightship.net.origins import Origin, names_host, relative_target
from lightship.net.sending import GET, Sending

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightship.net.asking import Asker
    from lightship.net.live import Live
    from lightship.net.options import NetOptions
    from lightship.net.origins import Target
    from lightship.net.secret import Secret

_MOST = 10
_STATUSES = frozenset((301, 302, 303, 307, 308))
_SENT_AGAIN = frozenset((307, 308))  # with method and body as they were (RFC 9110, 15.4)
_DRAINED_BYTES = 64 * 1024


class Arrival(Struct, frozen=True):
    """The answer at the end of the redirects.

    Attributes:
        at_home: no other origin was visited, so that the answer speaks for the one that was asked.
    """

    live: Live
    at_home: bool

    def read(self, limit: int) -> Response:
        """The answer, whole.

        Raises:
            RequestError: it breaks off, is longer than `limit`, or is encoded.
        """
        live = self.live
        if not self.at_home:
            # What another origin answers must not decide to whom credentials are sent.
            live.headers.pop("www-authenticate", None)
        if live.length == 0 or not live.encoded:
            return live.whole(limit)
        live.close()
        if live.status < 400:
            raise RequestError(
                str(live.target), "the server sends the answer in another encoding than its own"
            )
        return Response(str(live.target), live.status, live.headers, b"")


def is_redirect(status: int) -> bool:
    """Whether a status says to ask elsewhere."""
    return status in _STATUSES


def follow(
    asker: Asker,
    target: Target,
    headers: Mapping[str, str],
    authorization: Secret | None,
    options: NetOptions,
    *,
    guard: Guard = Guard.NONE,
    sending: Sending = GET,
) -> Arrival:
    """Send a request, following redirects; of what changes something only 307 and 308.

    The authorization goes to the origin of `target`, and to nobody once another was visited.
    `guard` says which addresses of that origin itself are refused.

    Raises:
        RequestError: no connection or no answer; a redirect that is refused, or one too many.
    """
    first = target.origin
    at_home = True
    first_is_local = is_local(first)
    followed = _STATUSES if sending.reads else _SENT_AGAIN
    for asked in range(_MOST + 1):
        sent = dict(headers)
        if authorization is not None and at_home:
            sent["Authorization"] = authorization.reveal()
        judged = guard if target.origin == first else guarding(target.origin, first, first_is_local)
        live = asker.ask(target, sent, guard=judged, sending=sending)
        if live.status not in followed:
            return Arrival(live, at_home)
        if asked == 0:
            first_is_local = is_local(first, live.peer)
        try:
            target = _next(live, first, options, first_is_local=first_is_local)
            _drain(live)
        finally:
            live.close()
        at_home = at_home and target.origin == first
    raise RequestError(str(target), f"more than {_MOST} redirects", "The server is at fault.")


def _next(live: Live, first: Origin, options: NetOptions, *, first_is_local: bool) -> Target:
    here = str(live.target)
    location = live.headers.get("location")
    if not location:
        raise RequestError(
            here, f"a redirect ({live.status}) to nowhere", "The server is at fault."
        )
    return led(live.target, location, first, options, first_is_local=first_is_local)


def led(
    base: Target,
    location: str,
    first: Origin,
    options: NetOptions,
    *,
    first_is_local: bool,
    what: str = "redirect",
) -> Target:
    """Where a Location header leads.

    Args:
        base: what answered with it.
        location: the header.
        first: the origin that was asked at the beginning; it may lead to itself.
        options: which hosts may be spoken to in the clear.
        first_is_local: whether that is on this machine.
        what: for messages.

    Raises:
        RequestError: nobody may send us there.
    """
    reason: str | None = None
    target = base
    try:
        target = relative_target(base, location)
    except UnreachableError as problem:
        reason = problem.what
    else:
        reason = _why_not(base.origin, target.origin, first, options, first_is_local)
    if reason:
        raise RequestError(
            str(base), f"a {what} is not followed: {reason}", "The server is at fault, not you."
        )
    return target


def _why_not(
    here: Origin, there: Origin, first: Origin, options: NetOptions, first_is_local: bool
) -> str | None:
    if there.scheme == "http" and here.scheme == "https":
        return f"it leads from https to {there}"
    if there.scheme == "http" and not names_host(there, options.plain_http):
        return f"it leads to {there}, which was not allowed with --plain-http"
    guard = guarding(there, first, first_is_local)
    if guard is Guard.FROM_AFAR and is_local(there):
        return f"it leads to this machine itself ({there})"
    address = literal(there.host)
    refused = None if address is None else guard.refuses(address)
    return f"it leads to {refused} ({there})" if refused else None


def guarding(there: Origin, first: Origin, first_is_local: bool) -> Guard:
    """Which addresses are refused to a connection that `first` sends us to make."""
    if there == first:
        return Guard.NONE
    return Guard.FROM_HERE if first_is_local else Guard.FROM_AFAR


def is_local(origin: Origin, peer: str | None = None) -> bool:
    """Whether an origin is this machine: by its name, or by the address that answered."""
    host = origin.host.rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = literal(host)
    if address is None and peer is not None:
        address = ipaddress.ip_address(peer.partition("%")[0])
    return address is not None and is_loopback(address)


def _drain(live: Live) -> None:
    """Read a short body, so that the connection can be used again."""
    if live.length is None or live.length > _DRAINED_BYTES:
        return
    try:
        while live.read(_DRAINED_BYTES):
            pass
    except RequestError:
        pass
