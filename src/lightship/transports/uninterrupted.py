"""A stretch of work that Ctrl-C and SIGTERM do not cut in two: they are heeded at its end."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Keep signals back until the end, and then let them be handled as they would have been.

    Python runs handlers in the main thread alone, between any two steps of it; elsewhere this does
    nothing. It is for what is short: several names that have to change together.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def keep(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    # One that is ignored, or handled outside of Python, is left as it is.
    heeded = {number: handler for number, handler in before.items() if callable(handler)}
    try:
        for number in heeded:
            signal.signal(number, keep)
        yield
    finally:
        for number, handler in heeded.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])
