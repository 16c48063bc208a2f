"""Work ahead: run an iterator in a thread of its own, a few items before its consumer.

The codecs and hashes release the interpreter's lock while they run, so that two threads keep two
cores busy.
"""

from __future__ import annotations

from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
_END = object()
_DEPTH = 8


@contextmanager
def ahead(items: Iterator[T]) -> Iterator[Iterator[T]]:
    """Iterate over `items` while another thread makes the next ones.

    An exception of `items` is raised where its item would have come. Leaving the context stops
    and joins the thread, also when not all items were taken.
    """
    made: SimpleQueue[object] = SimpleQueue()
    room: SimpleQueue[bool] = SimpleQueue()
    failure: list[BaseException] = []

    def make() -> None:
        try:
            for item in items:
                if not room.get():
                    return
                made.put(item)
        except BaseException as problem:  # noqa: BLE001 - raised again by the consumer
            failure.append(problem)
        finally:
            made.put(_END)

    def taken() -> Iterator[T]:
        while (item := made.get()) is not _END:
            room.put(True)
            yield item  # type: ignore[misc]  # only _END is no T
        if failure:
            raise failure[0]

    for _ in range(_DEPTH):
        room.put(True)
    thread = Thread(target=make, name="lightship-ahead", daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        room.put(False)
        for _ in range(_DEPTH):
            room.put(False)
        thread.join()
