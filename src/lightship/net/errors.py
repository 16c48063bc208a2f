"""What goes wrong between us and a server, structured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.errors import UnreachableError

if TYPE_CHECKING:
    from datetime import datetime

    from lightship.net.answers import Response


class RequestError(UnreachableError):
    """A request got no answer that helps.

    Attributes:
        url: what was asked, without user, password and query.
        problem: what went wrong, without the URL.
        passing: whether the same request may well succeed a moment later.
    """

    def __init__(self, url: str, problem: str, hint: str = "", *, passing: bool = False) -> None:
        super().__init__(f"{url}: {problem}", hint)
        self.url = url
        self.problem = problem
        self.passing = passing


class StatusError(RequestError):
    """A server answered with a status that is an error where it was met.

    Attributes:
        status: of HTTP.
        answer: what the server said; None if its body broke off.
    """

    def __init__(
        self, url: str, problem: str, hint: str = "", *, status: int, answer: Response | None
    ) -> None:
        super().__init__(url, problem, hint)
        self.status = status
        self.answer = answer


class RateLimitedError(StatusError):
    """A server wants us to come again later than we are willing to wait.

    Attributes:
        again_at: when; in UTC.
    """

    def __init__(
        self,
        url: str,
        problem: str,
        hint: str,
        *,
        status: int,
        answer: Response | None,
        again_at: datetime,
    ) -> None:
        super().__init__(url, problem, hint, status=status, answer=answer)
        self.again_at = again_at
