"""From arguments to an exit code: whatever happens, one line says what."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lightship.cli.app import app
from lightship.cli.notes import say_error, write_error
from lightship.cli.routing import route
from lightship.errors import LightshipError
from lightship.printable import printable

if TYPE_CHECKING:
    from types import TracebackType

_USAGE, _BUG, _INTERRUPTED, _BROKEN_PIPE = 2, 70, 130, 141
TERMINATED = 143


def run(arguments: list[str]) -> int:
    """Run one command and say on standard error what went wrong, if anything did.

    Returns:
        The exit code, as docs/reference/cli.md lists them.
    """
    try:
        return _ended(arguments)
    except KeyboardInterrupt as told:
        terminated = told.args == (TERMINATED,)
        _say("terminated" if terminated else "interrupted", arguments)
        return TERMINATED if terminated else _INTERRUPTED


def _ended(arguments: list[str]) -> int:
    try:
        if "_LIGHTSHIP_COMPLETE" in os.environ:
            app.main(arguments, prog_name="lightship", standalone_mode=False)
        # Not app.main: it makes 1 of a closed pipe, which here would mean findings.
        with app.make_context("lightship", route(arguments, app.names)) as context:
            app.invoke(context)
        _flush()
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        write_error(error.ctx.get_help() + "\n")
        return _USAGE
    except click.UsageError as error:
        place = error.ctx.command_path if error.ctx else "lightship"
        # click ends its sentences with a full stop, or with a list.
        message = error.format_message().rstrip(".")
        _say(f"{printable(message)}. See {place} --help.", arguments)
        return _USAGE
    except click.ClickException as error:
        _say(printable(error.format_message()), arguments)
        return _USAGE
    except click.Abort:
        _say("interrupted", arguments)
        return _INTERRUPTED
    except LightshipError as error:
        _trace(error, arguments)
        _say(str(error), arguments)
        write_error("".join(f"  {line}\n" for line in error.details))
        return error.exit_code
    except BrokenPipeError:
        _forget_stdout()
        return _BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 # whatever it is, it is a bug and said to be one
        _trace(error, arguments)
        _say(_bug(error), arguments)
        return _BUG
    return 0


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def _forget_stdout() -> None:
    """Keep the interpreter from complaining about the closed pipe when it ends."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _verbose(arguments: list[str]) -> bool:
    debug = os.environ.get("LIGHTSHIP_DEBUG", "") not in {"", "0"}
    return debug or "-v" in arguments or "--verbose" in arguments


def _trace(error: Exception, arguments: list[str]) -> None:
    if _verbose(arguments):
        lines = "".join(traceback.format_exception(error)).splitlines()
        write_error("".join(f"{printable(line)}\n" for line in lines))


def _bug(error: Exception) -> str:
    said = printable(str(error))[:200]
    kind = type(error).__name__
    what = f"{kind}: {said}" if said else kind
    return (
        f"{what} ({_place(error.__traceback__)}). This is a bug in lightship:"
        " please report it with what --verbose shows."
    )


def _place(trace: TracebackType | None) -> str:
    """The innermost line of lightship's own that the error passed."""
    package = Path(__file__).parent.parent
    own = [
        f"{package.name}/{Path(frame.filename).relative_to(package).as_posix()}:{frame.lineno}"
        for frame in traceback.extract_tb(trace)
        if Path(frame.filename).is_relative_to(package)
    ]
    return own[-1] if own else "no line of lightship's"


def _say(message: str, arguments: list[str]) -> None:
    say_error(message, _color_argument(arguments))


def _color_argument(arguments: list[str]) -> str:
    """`--color` as it stands in the arguments, which may be the very thing that is wrong."""
    for at, argument in enumerate(arguments):
        if argument.startswith("--color="):
            return argument.partition("=")[2]
        if argument == "--color" and at + 1 < len(arguments):
            return arguments[at + 1]
    return os.environ.get("LIGHTSHIP_COLOR", "auto")
