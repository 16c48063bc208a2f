"""The command line's entrance: `--version` at once, everything else through click."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress


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
        from lightship.cli.run import run  # noqa: PLC0415 # click takes most of a start
    except KeyboardInterrupt:
        sys.exit(130)
    code = run(arguments)
    # Nothing is left to do, and taking a large tree apart object by object costs a tenth of a run.
    for stream in (sys.stdout, sys.stderr):
        with suppress(
            AttributeError, OSError, ValueError
        ):  # None, full or closed: `run` has said so
            stream.flush()
    os._exit(code)
