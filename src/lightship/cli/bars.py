"""Progress bars on standard error."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TextIO

from lightship.printable import printable

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

# What is done sooner needs no bar, nor the time to load one.
_PATIENCE_SECONDS = 0.3
_NAME_CELLS = 40


class Bars:
    """A `Progress` that draws: one bar for each thread's stretch of work."""

    def __init__(self, screen: TextIO, *, color: bool = True) -> None:
        self._screen = screen
        self._color = color
        self._lock = threading.Lock()
        self._work: dict[int, _Work] = {}
        self._shown: RichProgress | None = None
        self._started = time.monotonic()

    def begin(self, what: str, total_bytes: int | None) -> None:
        """A bar of its own for the thread that calls."""
        with self._lock:
            self._end(threading.get_ident())
            self._work[threading.get_ident()] = _Work(what, total_bytes)
            self._show()

    def advance(self, done_bytes: int) -> None:
        """Move the calling thread's bar; a thread without one moves the newest."""
        with self._lock:
            work = self._mine()
            if work is None:
                return
            work.done += done_bytes
            self._show()
            if self._shown is not None and work.task is not None:
                self._shown.update(work.task, completed=work.done)

    def end(self) -> None:
        """Take the calling thread's bar away."""
        with self._lock:
            ident = threading.get_ident()
            if ident not in self._work and self._work:
                ident = next(reversed(self._work))
            self._end(ident)

    def note(self, text: str) -> None:
        """A line above the bars."""
        with self._lock:
            line = printable(f"lightship: {text}")
            if self._shown is not None:
                self._shown.console.print(line, soft_wrap=True)
            else:
                self._screen.write(line + "\n")
                self._screen.flush()

    def close(self) -> None:
        """Take every bar away and give the line back."""
        with self._lock:
            self._work.clear()
            if self._shown is not None:
                self._shown.stop()
                self._shown = None

    def _mine(self) -> _Work | None:
        mine = self._work.get(threading.get_ident())
        return mine or (self._work[next(reversed(self._work))] if self._work else None)

    def _end(self, ident: int) -> None:
        work = self._work.pop(ident, None)
        if work is not None and work.task is not None and self._shown is not None:
            self._shown.remove_task(work.task)

    def _show(self) -> None:
        if self._shown is None:
            if time.monotonic() - self._started < _PATIENCE_SECONDS:
                return
            self._shown = _drawn(self._screen, color=self._color)
            self._shown.start()
        for work in self._work.values():
            if work.task is None:
                work.task = self._shown.add_task(
                    printable(work.what)[:_NAME_CELLS], total=work.total, completed=work.done
                )


class _Work:
    """One stretch of work."""

    def __init__(self, what: str, total: int | None) -> None:
        self.what = what
        self.total = total
        self.done = 0
        self.task: TaskID | None = None


def _drawn(screen: TextIO, *, color: bool) -> RichProgress:
    from rich.console import Console  # noqa: PLC0415 # short runs never need it
    from rich.progress import (  # noqa: PLC0415 # likewise
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TransferSpeedColumn,
    )

    return Progress(
        # What is read is named by the image: no markup in it.
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=Console(file=screen, markup=False, highlight=False, no_color=not color),
        redirect_stdout=False,
        redirect_stderr=False,
        transient=True,
    )
