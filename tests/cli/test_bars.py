from __future__ import annotations

import io
import threading
import time
from typing import TYPE_CHECKING

import pytest

from lightship.cli import bars
from lightship.cli.bars import Bars

if TYPE_CHECKING:
    from lightship.progress import Progress


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    return Screen()


def test_short_work_draws_nothing(screen: Screen) -> None:
    drawn: Progress = Bars(screen)
    drawn.begin("layer 1", 100)
    drawn.advance(100)
    drawn.end()
    assert screen.getvalue() == ""


def test_names_are_drawn_literally(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "_PATIENCE_SECONDS", 0)
    drawn = Bars(screen)
    drawn.begin("[red]layer\x1b]0;x\x07", None)
    drawn.advance(5)
    time.sleep(0.2)
    drawn.end()
    drawn.close()
    assert "[red]layer\\x1b]0;x\\x07" in screen.getvalue()
    assert "\x07" not in screen.getvalue()


def test_many_threads_at_once(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "_PATIENCE_SECONDS", 0)
    drawn = Bars(screen)

    def work(name: str) -> None:
        for _ in range(20):
            drawn.begin(name, 1000)
            for _ in range(10):
                drawn.advance(100)
            drawn.end()

    threads = [threading.Thread(target=work, args=(f"layer {at}",)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    drawn.close()
    drawn.close()
    assert "layer" in screen.getvalue()


def test_another_thread_moves_the_newest_bar(screen: Screen) -> None:
    drawn = Bars(screen)
    drawn.begin("layer 1", 100)

    def work() -> None:
        drawn.advance(40)
        drawn.end()

    other = threading.Thread(target=work)
    other.start()
    other.join()
    assert not drawn._work
    drawn.advance(1)
    drawn.end()
