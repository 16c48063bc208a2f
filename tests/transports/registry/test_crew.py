"""Threads that do one thing after the other."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from lightship.transports.registry.crew import Crew


def test_all_is_done_and_what_is_raised_is_kept() -> None:
    crew = Crew(3, "crew")
    done: list[int] = []
    futures = [crew.submit(lambda n=n: done.append(n)) for n in range(50)]  # type: ignore[misc]

    def fail() -> None:
        raise KeyError("it")

    failing = crew.submit(fail)
    for future in futures:
        future.result(20)
    with pytest.raises(KeyError):
        failing.result(20)
    assert sorted(done) == list(range(50))
    crew.dismiss(20)
    assert not [thread for thread in threading.enumerate() if thread.name == "crew"]


def test_no_more_at_once_than_there_are_members() -> None:
    crew = Crew(2, "crew")
    lock, busy, most = threading.Lock(), 0, 0
    together = threading.Barrier(2, timeout=20)

    def work() -> None:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        together.wait()
        with lock:
            busy -= 1

    for future in [crew.submit(work) for _ in range(6)]:
        future.result(20)
    assert most == 2
    crew.dismiss(20)


def test_who_is_dismissed_begins_nothing_more() -> None:
    crew = Crew(1, "crew")
    go, begun = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        go.wait(20)

    first = crew.submit(wait)
    second = crew.submit(lambda: pytest.fail("it was dismissed"))
    begun.wait(20)
    crew.dismiss(0)
    assert second.cancelled()
    go.set()
    first.result(20)
    crew.dismiss(20)


def test_an_interpreter_does_not_wait_for_them() -> None:
    program = (
        "import threading\n"
        "from lightship.transports.registry.crew import Crew\n"
        "crew = Crew(1, 'crew')\n"
        "crew.submit(threading.Event().wait)\n"
        "crew.dismiss(0.1)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
