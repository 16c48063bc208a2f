"""Asking again: when it can help, how long to wait, and when to give up."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.net.errors import RateLimitedError, RequestError
from lightship.net.said import said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lightship.net.answers import Response
    from lightship.net.live import Live
    from lightship.net.options import NetOptions
    from lightship.net.secret import Secret
    from lightship.progress import Progress

RETRIED = frozenset((429, 500, 502, 503, 504))
_FIRST_SECONDS = 0.25
_LONGEST_SECONDS = 8.0
_SAID_BYTES = 64 * 1024
_EPOCH_FROM = 10**9  # a "number of seconds" beyond 30 years is a point in time


class Pace(Struct, frozen=True):
    """How we wait; the same for all requests of a client."""

    options: NetOptions
    progress: Progress
    sleep: Callable[[float], object]
    attempts: int


class Attempts:
    """How often one thing may still be asked for."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._failed = 0

    def begin_again(self) -> None:
        """There was progress: all attempts are there again."""
        self._failed = 0

    def after_error(self, error: RequestError) -> None:
        """Wait, if asking again can help.

        Raises:
            RequestError: `error`, as it cannot, or this was the last attempt.
        """
        if not error.passing or not self._another():
            raise error
        self._wait(f"{error.url}: {error.problem}", None)

    def after_answer(self, live: Live, secret: Secret | None) -> bool:
        """Wait, if the answer is one to ask again after; False: the answer stands.

        Raises:
            RateLimitedError: the server wants a longer wait than `patience_seconds`.
        """
        if live.status not in RETRIED:
            return False
        now = datetime.now(UTC)
        again_at, asked = self._wanted(live.status, live.headers, now)
        if again_at:
            raise _limited(str(live.target), live.status, _whole(live), (again_at, now), secret)
        if not self._another():
            return False
        live.close()
        self._wait(f"{live.target}: {_reason(live.status)}", asked)
        return True

    def after_response(self, answer: Response, secret: Secret | None) -> bool:
        """As `after_answer`, for one that was read whole.

        Raises:
            RateLimitedError: as `after_answer`.
        """
        if answer.status not in RETRIED:
            return False
        now = datetime.now(UTC)
        again_at, asked = self._wanted(answer.status, answer.headers, now)
        if again_at:
            raise _limited(answer.url, answer.status, answer, (again_at, now), secret)
        if not self._another():
            return False
        self._wait(f"{answer.url}: {_reason(answer.status)}", asked)
        return True

    def _wanted(
        self, status: int, headers: Mapping[str, str], now: datetime
    ) -> tuple[datetime | None, float | None]:
        """When to come again, if that is too long to wait; and the seconds that were asked for."""
        again_at = again_after(status, headers, now)
        if again_at is None:
            return None, None
        asked = max(0.0, (again_at - now).total_seconds())
        return (again_at if asked > self._pace.options.patience_seconds else None), asked

    def _another(self) -> bool:
        self._failed += 1
        return self._failed < self._pace.attempts

    def _wait(self, why: str, asked: float | None) -> None:
        backoff = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** (self._failed - 1))
        # Jitter, so that many who failed together do not come again together.
        seconds = max(asked or 0.0, backoff * random.uniform(0.5, 1.5))  # noqa: S311 - nothing secret
        attempts = self._pace.attempts
        self._pace.progress.note(
            f"{why}; asking again in {seconds:.1f} s (attempt {self._failed + 1} of {attempts})"
        )
        self._pace.sleep(seconds)


def again_after(status: int, headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a server wants us again.

    `Retry-After` (RFC 9110, section 10.2.3: seconds or a date), else the points in time (seconds
    since 1970) that Docker Hub gives with 429 in `X-Retry-After` and others in `X-RateLimit-Reset`.
    """
    names = ("retry-after", "x-retry-after", "x-ratelimit-reset")
    for name in names if status == 429 else names[:1]:
        if (value := headers.get(name, "").strip()) and (when := moment(value, now)):
            return when
    return None


def moment(value: str, now: datetime) -> datetime | None:
    """What `Retry-After` says (RFC 9110, section 10.2.3): so many seconds from now, or a date.

    A number beyond 30 years of seconds is a point in time, as some servers write it.
    """
    try:
        if value.isascii() and value.isdecimal():
            seconds = int(value[:20])
            if seconds >= _EPOCH_FROM:
                return datetime.fromtimestamp(seconds, UTC)
            return now + timedelta(seconds=seconds)
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _whole(live: Live) -> Response | None:
    try:
        return live.whole(_SAID_BYTES)
    except RequestError:
        return None
    finally:
        live.close()


def _limited(
    url: str,
    status: int,
    answer: Response | None,
    times: tuple[datetime, datetime],
    secret: Secret | None,
) -> RateLimitedError:
    again_at, now = times
    seconds = round((again_at - now).total_seconds())
    what = _reason(status)
    if answer is not None and (words := said(answer, secret)):
        what = f"{what}: {words}"
    return RateLimitedError(
        url,
        what,
        f"Come again in {_span(seconds)}, at {again_at:%Y-%m-%d %H:%M:%S} UTC.",
        answer=answer,
        status=status,
        again_at=again_at,
    )


def _span(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    minutes = -(-seconds // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _reason(status: int) -> str:
    if status == 429:
        return "too many requests (429)"
    return f"the server cannot answer now ({status})"
