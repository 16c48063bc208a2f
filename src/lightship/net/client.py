"""The HTTP client."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, cast

from lightship.net.answers import Response
from lightship.net.reach import Reach
from lightship.net.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lightship.net.addresses import Guard
    from lightship.net.origins import Target
    from lightship.net.places import Place
    from lightship.net.redirects import Arrival
    from lightship.net.sending import Body, Sending

__all__ = ["Client", "Response"]

_OURS = frozenset(("authorization", "cookie", "host", "accept-encoding", "range", "if-range"))


class Client(Reach):
    """HTTP under a user's options: TLS unless the host was named, no credentials across hosts.

    Several threads may use one client; see `Reach` for how one is made. Connections stay open until
    `close`, or until the client is forgotten.
    """

    def get(
        self,
        url: str,
        *,
        limit: int,
        headers: Mapping[str, str] | None = None,
        authorization: Secret | None = None,
        from_afar: bool = False,
    ) -> Response:
        """Ask, follow redirects, and read the whole answer, whatever its status.

        429, 500, 502, 503, 504 and broken connections are asked again within the options. A
        challenge (WWW-Authenticate) of another origin than the URL's own is left out.

        Args:
            url: without user and password.
            limit: bytes of the body; a longer one is refused, whatever Content-Length says.
            headers: sent to the first host and after redirects.
            authorization: of the header of that name; sent to the URL's own origin alone.
            from_afar: a server elsewhere named the URL: as a redirect it may not lead to loopback,
                link-local, unspecified or multicast addresses, whatever its name resolves to.

        Raises:
            RateLimitedError: the server wants a longer wait than `patience_seconds`.
            UnreachableError: no connection, no trust, no answer, or a redirect that is refused.
        """
        target = self._permitted(url)
        given = _checked(headers)
        return self._repeated(
            lambda: self._travel(target, given, authorization, from_afar=from_afar),
            authorization,
            limit,
        )

    def post_form(
        self,
        url: str,
        fields: Mapping[str, str | Secret],
        *,
        limit: int,
        from_afar: bool = False,
    ) -> Response:
        """Send a form (OAuth2); redirects are refused, nothing is sent twice.

        Raises:
            UnreachableError: as `get`.
        """
        from urllib.parse import urlencode  # noqa: PLC0415 - light start

        from lightship.net.sending import Body  # noqa: PLC0415 - light start

        plain = {
            name: value.reveal() if isinstance(value, Secret) else value
            for name, value in fields.items()
        }
        form = Body.of(urlencode(plain).encode("ascii"), "application/x-www-form-urlencoded")
        return self.post(url, form, limit=limit, from_afar=from_afar)

    def post(
        self,
        url: str,
        body: Body,
        *,
        limit: int,
        answer_seconds: float | None = None,
        from_afar: bool = False,
    ) -> Response:
        """Send a body, also over a unix socket; redirects are refused, nothing is sent twice.

        Args:
            url: without user and password.
            body: what is sent.
            limit: bytes of the answer's body.
            answer_seconds: how long the answer may keep us waiting; None for as long as any other.
            from_afar: as for `get`.

        Raises:
            UnreachableError: as `get`.
            LightshipError: what the body's pieces raise.
        """
        from lightship.net.errors import RequestError  # noqa: PLC0415 - light start
        from lightship.net.redirects import Arrival, is_redirect  # noqa: PLC0415 - light start
        from lightship.net.sending import Sending  # noqa: PLC0415 - light start

        target = self._permitted(url)
        live = self._asker().ask(
            target,
            {},
            guard=_guard(from_afar=from_afar),
            sending=Sending("POST", body, once=True, answer_seconds=answer_seconds),
        )
        if is_redirect(live.status):
            live.close()
            raise RequestError(str(target), "what is sent here is not sent on to another place")
        return Arrival(live, at_home=True).read(limit)

    def send(
        self,
        place: Place,
        sending: Sending,
        *,
        limit: int,
        headers: Mapping[str, str] | None = None,
        authorization: Secret | None = None,
        again: bool = True,
    ) -> Response:
        """Send a request of any method, and read the whole answer, whatever its status.

        Redirects of what changes something are followed where they are 307 or 308.

        Args:
            place: where; a `Place` that a server led to was looked at before.
            sending: the method and the body.
            limit: bytes of the answer's body.
            headers: sent to the first host and after redirects.
            authorization: left out where the place is not at home.
            again: whether to ask again as `get` does; else whoever calls uses `attempts`.

        Raises:
            RateLimitedError: the server wants a longer wait than `patience_seconds`.
            UnreachableError: as `get`.
            LightshipError: what the body's pieces raise.
        """
        from lightship.net.redirects import Arrival, follow  # noqa: PLC0415 - light start

        self._permit(place.target)
        given = _checked(headers)
        secret = authorization if place.at_home else None

        def travel() -> Arrival:
            arrival = follow(
                self._asker(),
                place.target,
                given,
                secret,
                self._options,
                guard=place.guard,
                sending=sending,
            )
            return Arrival(arrival.live, at_home=place.at_home and arrival.at_home)

        return self._repeated(travel, secret, limit, again=again)

    def led(self, place: Place, answer: Response) -> Place:
        """Where an answer from a place leads (its Location).

        Raises:
            RequestError: it leads where nobody may send us.
        """
        return place.led(answer, self._options)

    def open(
        self,
        url: str,
        *,
        expected_bytes: int | None,
        authorize: Callable[[Response | None], Secret | None] = lambda _: None,
        headers: Mapping[str, str] | None = None,
    ) -> BinaryIO:
        """The body of an answer as a stream that goes on where a connection broke off.

        Reading it asks again with a Range for what is missing, as often as the options say without
        one new byte in between. The stream is forward-only and gives `read` (as many bytes as were
        asked for, fewer only at the end), `read1`, `readinto`, `close`.

        Args:
            url: without user and password.
            headers: sent to the first host and after redirects.
            expected_bytes: how many there must be: fewer is an error once no attempt is left, and
                more is an error at the first byte too many. None for a stream of unknown length,
                which is never resumed.
            authorize: gives the Authorization of the next request; told None first, and then the
                401 or 403 answer that refused the last one. Returning the same again gives up.
                It is not told of what other origins answer.

        Raises:
            StatusError: an answer with another status than 200 (or 206 for what is missing).
            UnreachableError: as `get`, also while reading.
        """
        from lightship.net.body import ResumingBody  # noqa: PLC0415 - light start
        from lightship.net.opening import Opening  # noqa: PLC0415 - light start

        target = self._permitted(url)
        attempts = self.attempts()
        opening = Opening(
            target,
            lambda given, secret: self._travel(target, given, secret),
            expected_bytes=expected_bytes,
            authorize=authorize,
            headers=_checked(headers),
            attempts=attempts,
        )
        body = ResumingBody(opening.first(), expected_bytes, attempts, opening.at)
        return cast("BinaryIO", body)

    def _travel(
        self,
        target: Target,
        headers: Mapping[str, str],
        authorization: Secret | None,
        *,
        from_afar: bool = False,
    ) -> Arrival:
        from lightship.net.redirects import Arrival, follow  # noqa: PLC0415 - light start

        if self._socket is None:
            guard = _guard(from_afar=from_afar)
            return follow(self._asker(), target, headers, authorization, self._options, guard=guard)
        return Arrival(self._asker().ask(target, headers), at_home=True)

    def _repeated(
        self,
        travel: Callable[[], Arrival],
        secret: Secret | None,
        limit: int,
        *,
        again: bool = True,
    ) -> Response:
        from lightship.net.errors import RequestError  # noqa: PLC0415 - light start

        attempts = self.attempts() if again else self._attempts(1)
        while True:
            try:
                arrival = travel()
                if not attempts.after_answer(arrival.live, secret):
                    return arrival.read(limit)
            except RequestError as problem:
                attempts.after_error(problem)


def _guard(*, from_afar: bool) -> Guard:
    from lightship.net.addresses import Guard  # noqa: PLC0415 - light start

    return Guard.FROM_AFAR if from_afar else Guard.NONE


def _checked(headers: Mapping[str, str] | None) -> Mapping[str, str]:
    for name in headers or {}:
        if name.lower() in _OURS:
            raise ValueError(f"{name} is not given as a header")
    return headers or {}
