"""A few threads that do one thing after the other, and hold nobody up in the end."""

from __future__ import annotations

import time
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_Task = tuple[Future[None], "Callable[[], None]"]


class Crew:
    """Threads that an interpreter does not wait for when it ends.

    An executor's are waited for, though all they do may be to wait for an answer.
    """

    def __init__(self, members: int, name: str) -> None:
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._futures: list[Future[None]] = []
        self._members = members
        self._name = name
        self._threads: list[Thread] = []

    def submit(self, work: Callable[[], None]) -> Future[None]:
        """Have something done; what it raises is in the future."""
        future: Future[None] = Future()
        self._futures.append(future)
        self._tasks.put((future, work))
        if len(self._threads) < self._members:
            thread = Thread(target=self._work, name=self._name, daemon=True)
            self._threads.append(thread)
            thread.start()
        return future

    def dismiss(self, seconds: float) -> None:
        """Begin nothing more, and wait at most so long for what was begun."""
        for future in self._futures:
            future.cancel()
        for _ in self._threads:
            self._tasks.put(None)
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            future, work = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                work()
            except BaseException as problem:  # noqa: BLE001 - whoever asks for the result gets it
                future.set_exception(problem)
            else:
                future.set_result(None)
