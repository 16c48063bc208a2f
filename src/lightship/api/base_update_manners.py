"""How servers are asked many things: one at a time, with a pause, within a limit, not in vain."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from lightship.errors import LightshipError
from lightship.net.errors import RequestError, StatusError
from lightship.transports.registry.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")
_SILENT_MOST = 2
_TOO_MANY = 429


class LeftError(LightshipError):
    """Nothing was asked, and why."""

    exit_code = 3


class Manners:
    """Keeps count of what is asked of whom.

    Args:
        most: how many requests there may be.
        pause_seconds: between the answer of a server and the next request to it.
        sleep, clock: how to wait, and the time in seconds.

    Attributes:
        asked: how many requests there were.
    """

    def __init__(
        self,
        most: int,
        pause_seconds: float,
        *,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.asked = 0
        self._most = most
        self._pause_seconds = pause_seconds
        self._sleep = sleep
        self._clock = clock
        self._last: dict[str, float] = {}
        self._silent: dict[str, int] = {}
        self._left: dict[str, str] = {}

    def ask(self, host: str, question: Callable[[], _T], requests: int = 1) -> _T:
        """Put a question to a server, once it may be.

        Raises:
            LeftError: it may not be: the limit is reached, or the server is left alone.
            LightshipError: as the question does.
        """
        self.see(host)
        if self.asked + requests > self._most:
            raise LeftError(f"the limit of {self._most:,} requests is reached")
        since = self._clock() - self._last.get(host, float("-inf"))
        if since < self._pause_seconds:
            self._sleep(self._pause_seconds - since)
        self.asked += requests
        try:
            answer = question()
        except LightshipError as problem:
            self._remember(host, problem)
            raise
        finally:
            self._last[host] = self._clock()
        self._silent[host] = 0
        return answer

    def see(self, host: str) -> None:
        """Whether a server may be asked at all.

        Raises:
            LeftError: it is left alone for the rest of the run.
        """
        if host in self._left:
            raise LeftError(self._left[host])

    def _remember(self, host: str, problem: LightshipError) -> None:
        """Leave a server alone that wants us to, or that nobody answers for, twice in a row."""
        if isinstance(problem, RefusedError | StatusError):
            if problem.status == _TOO_MANY:
                self._left[host] = f"{host} wants fewer requests. {problem.hint}".rstrip()
            self._silent[host] = 0
        elif isinstance(problem, RequestError):
            self._silent[host] = self._silent.get(host, 0) + 1
            if self._silent[host] >= _SILENT_MOST:
                self._left[host] = f"{host} did not answer {_SILENT_MOST} times in a row"
