"""Opening a body: authorization, ranges, and what an answer must say to be taken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightship.net.errors import RequestError, StatusError
from lightship.net.said import said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lightship.net.answers import Response
    from lightship.net.live import Live
    from lightship.net.origins import Target
    from lightship.net.redirects import Arrival
    from lightship.net.retrying import Attempts
    from lightship.net.secret import Secret

_REFUSALS = 3
_SAID_BYTES = 64 * 1024
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19}|\*)")


class Opening:
    """One body, asked for as often as it takes.

    Args:
        travel: asks for `target` with headers and an authorization, following redirects.
        authorize: see `Client.open`.
        expected_bytes: what the body must have in all, or None.
    """

    def __init__(
        self,
        target: Target,
        travel: Callable[[Mapping[str, str], Secret | None], Arrival],
        *,
        expected_bytes: int | None,
        authorize: Callable[[Response | None], Secret | None],
        headers: Mapping[str, str],
        attempts: Attempts,
    ) -> None:
        self._target = target
        self._travel = travel
        self._expected = expected_bytes
        self._authorize = authorize
        self._headers = headers
        self._attempts = attempts
        self._etag = ""

    def first(self) -> Live:
        """The answer at its first byte; asked again as often as the attempts allow.

        Raises:
            RequestError: no answer that will do.
        """
        while True:
            try:
                live = self._asked({})
                if live is not None:
                    return self._begun(live)
            except RequestError as problem:
                self._attempts.after_error(problem)

    def at(self, offset: int) -> tuple[Live, int]:
        """An answer with the bytes from `offset` on, or all of them; and where it begins.

        Raises:
            RequestError: no answer that will do.
        """
        ranges = {"Range": f"bytes={offset}-"} if offset else {}
        if offset and self._etag:
            ranges["If-Range"] = self._etag
        while (live := self._asked(ranges)) is None:
            pass
        if live.status == 200:
            return self._begun(live), 0
        return self._continued(live, offset), offset

    def _asked(self, ranges: Mapping[str, str]) -> Live | None:
        """An answer with a body; None after a wait, to be asked again."""
        secret = self._authorize(None)
        refusals = 0
        while True:
            arrival = self._travel({**self._headers, **ranges}, secret)
            live = arrival.live
            if live.status == 200 or (live.status == 206 and ranges):
                return live
            if self._attempts.after_answer(live, secret):
                return None
            answer = live.whole(_SAID_BYTES)
            # What another origin answers must not decide to whom credentials are sent.
            if live.status in (401, 403) and arrival.at_home and refusals < _REFUSALS:
                refusals += 1
                renewed = self._authorize(answer)
                if renewed is not None and renewed != secret:
                    secret = renewed
                    continue
            raise status_error(answer, secret)

    def _begun(self, live: Live) -> Live:
        problem = ""
        if live.encoded:
            problem = "the server sends the bytes in another encoding than their own"
        elif self._expected is not None and live.length not in (None, self._expected):
            problem = (
                f"the server announces {live.length:,} bytes where there must be {self._expected:,}"
            )
        elif self._expected is None and not live.ends:
            problem = "the server does not say where its answer ends"
        if problem:
            live.close()
            raise RequestError(str(live.target), problem)
        etag = live.headers.get("etag", "")
        self._etag = etag if etag.startswith('"') else ""
        return live

    def _continued(self, live: Live, offset: int) -> Live:
        given = _CONTENT_RANGE.fullmatch(live.headers.get("content-range", "").strip())
        first, last = (int(given[1]), int(given[2])) if given else (-1, -1)
        total = str(self._expected)
        wrong = (
            given is None
            or first != offset
            or not offset <= last < (self._expected or 0)
            or given[3] not in ("*", total)
            or live.length not in (None, last - first + 1)
        )
        if live.encoded or wrong:
            live.close()
            raise RequestError(
                str(live.target), f"asked for the bytes from {offset:,} on, the server sends others"
            )
        return live


def status_error(answer: Response, secret: Secret | None = None) -> StatusError:
    """An answer as an error."""
    words = said(answer, secret)
    what = f"the server answers {answer.status}"
    return StatusError(
        answer.url,
        f"{what}: {words}" if words else what,
        status=answer.status,
        answer=answer,
    )
