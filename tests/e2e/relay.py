"""Between a client and an engine: counts what one of them sends, and tells when it is enough."""

from __future__ import annotations

import socket
import tempfile
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def relay(
    target: Path,
    *,
    tcp: bool = False,
    after_bytes: int = 0,
    then: Callable[[], None] | None = None,
    to: bool = False,
) -> Iterator[str]:
    """A socket that leads to `target`; its address as `DOCKER_HOST` has it.

    Once the engine has sent more than `after_bytes`, `then` is called before more is passed on; or
    once so much was sent `to` it.
    """
    with tempfile.TemporaryDirectory(prefix="lightship-") as place:
        listener = socket.socket(socket.AF_INET if tcp else socket.AF_UNIX)
        listener.bind(("127.0.0.1", 0) if tcp else f"{place}/socket")
        listener.listen()
        listener.settimeout(0.1)
        counter = _Counter(after_bytes, then)
        stop = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, target, (counter, to), stop))
        thread.start()
        try:
            name = listener.getsockname()
            yield f"tcp://127.0.0.1:{name[1]}" if tcp else f"unix://{name}"
        finally:
            stop.set()
            thread.join()
            listener.close()


class _Counter:
    def __init__(self, after_bytes: int, then: Callable[[], None] | None) -> None:
        self._left = after_bytes
        self._then = then
        self._lock = threading.Lock()

    def count(self, sent: int) -> None:
        with self._lock:
            self._left -= sent
            if self._left < 0 and self._then is not None:
                then, self._then = self._then, None
                then()


def _serve(
    listener: socket.socket, target: Path, counting: tuple[_Counter, bool], stop: threading.Event
) -> None:
    threads: list[threading.Thread] = []
    while not stop.is_set():
        with suppress(TimeoutError):
            near, _ = listener.accept()
            far = socket.socket(socket.AF_UNIX)
            far.connect(str(target))
            pair = threading.Thread(target=_both_ways, args=(near, far, *counting))
            pair.start()
            threads.append(pair)
    for pair in threads:
        pair.join()


def _both_ways(near: socket.socket, far: socket.socket, counter: _Counter, to: bool) -> None:
    asking = threading.Thread(target=_copy, args=(near, far, counter if to else None))
    asking.start()
    _copy(far, near, None if to else counter)
    asking.join()
    near.close()
    far.close()


def _copy(source: socket.socket, target: socket.socket, counter: _Counter | None) -> None:
    """Until either end hangs up; then both know."""
    with suppress(OSError):
        while data := source.recv(1 << 16):
            if counter is not None:
                counter.count(len(data))
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
