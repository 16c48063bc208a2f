"""The HTTP client."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from lightship.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lightship.net.options import NetOptions
    from lightship.net.secret import Secret


class Response(Struct, frozen=True):
    """An answer, whole.

    Attributes:
        url: what was asked in the end, after redirects; without user, password and query.
        headers: names in lower case.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """HTTP under a user's options: TLS unless the host was named, no credentials across hosts.

    Several threads may use one client.
    """

    def __init__(self, options: NetOptions, progress: Progress = SILENT) -> None:
        raise NotImplementedError

    @classmethod
    def over_socket(cls, path: str, options: NetOptions, progress: Progress = SILENT) -> Client:
        """A client whose every request goes to the unix socket at `path`, whatever the URL's host.

        No retries, no redirects, no proxies: the other end is on this machine.
        """
        raise NotImplementedError

    def base_url(self, host: str) -> str:
        """`https://host`, or `http://host` if the user named the host for plain HTTP."""
        raise NotImplementedError

    def get(
        self,
        url: str,
        *,
        limit: int,
        headers: Mapping[str, str] | None = None,
        authorization: Secret | None = None,
    ) -> Response:
        """Ask, follow redirects, and read the whole answer, whatever its status.

        429 and 5xx are asked again within the options before they are answered.

        Args:
            url: without user and password.
            limit: bytes of the body; a longer one is refused, whatever Content-Length says.
            headers: sent to the first host and after redirects.
            authorization: of the header of that name; sent to the URL's own origin alone.

        Raises:
            UnreachableError: no connection, no trust, no answer, or a redirect that is refused.
        """
        raise NotImplementedError

    def post_form(self, url: str, fields: Mapping[str, str | Secret], *, limit: int) -> Response:
        """Send a form (OAuth2); redirects are refused, nothing is sent twice.

        Raises:
            UnreachableError: as `get`.
        """
        raise NotImplementedError

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
        one new byte in between. The stream is forward-only and gives `read`, `readinto`, `close`.

        Args:
            url: without user and password.
            headers: sent to the first host and after redirects.
            expected_bytes: how many there must be: fewer is an error once no attempt is left, and
                more is an error at the first byte too many. None for a stream of unknown length,
                which is never resumed.
            authorize: gives the Authorization of the next request; told None first, and then the
                401 or 403 answer that refused the last one. Returning the same again gives up.

        Raises:
            UnreachableError: as `get`, also while reading; an answer with another status than 200
                (or 206 for what is missing).
        """
        raise NotImplementedError
