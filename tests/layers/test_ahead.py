from __future__ import annotations

import threading
import time
from itertools import count
from typing import TYPE_CHECKING

import pytest

from lightship.layers.ahead import ahead

if TYPE_CHECKING:
    from collections.abc import Iterator

# More than any reasonable number of items that are made before one is asked for.
MANY = 1000


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if "ahead" in thread.name]


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    yield
    assert threads() == []


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, MANY])
def test_the_order_is_kept(length: int) -> None:
    with ahead(iter(range(length))) as items:
        assert list(items) == list(range(length))
        assert list(items) == []


def test_items_are_made_in_another_thread_and_before_they_are_asked_for() -> None:
    makers, several = set(), threading.Event()

    def made() -> Iterator[int]:
        for number in range(20):
            makers.add(threading.get_ident())
            yield number
            if number == 2:
                several.set()

    with ahead(made()) as items:
        assert several.wait(10)
        assert list(items) == list(range(20))
    assert makers.isdisjoint({threading.get_ident()})


def test_only_a_few_are_made_ahead() -> None:
    made = count()
    with ahead(made) as items:
        assert next(items) == 0
        time.sleep(0.1)
        assert next(made) < 50
    assert threads() == []


@pytest.mark.parametrize("before", [0, 1, 7, 8, 9, 30])
def test_an_exception_comes_where_its_item_would_have_come(before: int) -> None:
    def failing() -> Iterator[int]:
        yield from range(before)
        raise OSError("no more")

    got = []
    with ahead(failing()) as items, pytest.raises(OSError, match="no more"):  # noqa: PT012
        for item in items:
            got.append(item)  # noqa: PERF402
    assert got == list(range(before))


def test_an_interrupt_in_the_thread_reaches_the_consumer() -> None:
    def interrupted() -> Iterator[int]:
        yield 1
        raise KeyboardInterrupt

    with ahead(interrupted()) as items, pytest.raises(KeyboardInterrupt):
        list(items)


@pytest.mark.parametrize("taken", [0, 1, 20])
def test_leaving_early_stops_the_thread(taken: int) -> None:
    made = count()
    with ahead(made) as items:
        for _ in range(taken):
            next(items)
        assert len(threads()) == 1
    assert threads() == []
    assert next(made) < taken + 50


def test_an_exception_of_the_consumer_stops_the_thread() -> None:
    with pytest.raises(ZeroDivisionError), ahead(count()) as items:  # noqa: PT012
        next(items)
        raise ZeroDivisionError
    assert threads() == []


def test_a_failure_that_nobody_came_to_is_not_raised() -> None:
    def failing() -> Iterator[int]:
        yield 1
        yield 2
        raise OSError("never seen")

    with ahead(failing()) as items:
        assert next(items) == 1


def test_several_at_once() -> None:
    with ahead(iter(range(MANY))) as outer, ahead(x * 2 for x in outer) as inner:
        assert list(inner) == [2 * x for x in range(MANY)]
