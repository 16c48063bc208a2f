"""The command line's entrance: `--version` at once, everything else through click."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_AGAIN_SECONDS = 0.02


def main() -> None:
    """Run lightship with the process's arguments and end the process."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from lightship import __version__  # noqa: PLC0415 # nothing else may be imported

        sys.stdout.write(f"lightship {__version__}\n")
        return
    # Until everything is imported, all that is made stays: looking through it finds nothing.
    gc.disable()
    try:
        sys.unraisablehook = _unraisable
        signal.signal(signal.SIGTERM, _terminated)
        from lightship.cli.run import run  # noqa: PLC0415 # click takes most of a start
    except KeyboardInterrupt as told:
        sys.exit(143 if told.args else 130)
    # What is imported by now stays; looking through it again and again costs a tenth of a run.
    gc.freeze()
    gc.set_threshold(500_000, 20, 50)
    gc.enable()
    code = run(arguments)
    # Nothing is left to do, and taking a large tree apart object by object costs a tenth of a run.
    for stream in (sys.stdout, sys.stderr):
        with suppress(
            AttributeError, OSError, ValueError
        ):  # None, full or closed: `run` has said so
            stream.flush()
    os._exit(code)


def _unraisable(told: sys.UnraisableHookArgs) -> None:
    """An interrupt that came while an object was being closed is lost: it is sent again."""
    if not isinstance(told.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(told)
        return
    from threading import Timer  # noqa: PLC0415 # as good as never

    number = signal.SIGTERM if told.exc_value.args else signal.SIGINT
    Timer(_AGAIN_SECONDS, os.kill, (os.getpid(), number)).start()  # not from in here: lost as well


def _terminated(_number: int, _frame: FrameType | None) -> None:
    """End as Ctrl-C does: what we started is ended, and what we made on the way is removed."""
    raise KeyboardInterrupt(143)
