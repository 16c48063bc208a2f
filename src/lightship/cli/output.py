"""Where an answer goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.cli.build_logs import obeyed_by_none
from lightship.cli.terminal import look_of
from lightship.errors import DestinationError, UsageError
from lightship.replacing import replace_file
from lightship.report.paper import Look

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUFFIXES: Mapping[str, tuple[str, ...]] = {"text": (".txt", ""), "json": (".json",)}
"""The formats of every command, and the ends of file names that mean them."""
REPORT_SUFFIXES: Mapping[str, tuple[str, ...]] = {
    **SUFFIXES,
    "markdown": (".md",),
    "html": (".html", ".htm"),
}
"""Those of a command whose answer is passed on to people."""


class Destination(Struct, frozen=True):
    """A place for an answer, in a format. `file` is None for standard output."""

    file: Path | None
    format_name: str
    adds: bool = False
    """Whether the answer goes behind what the file holds."""

    @classmethod
    def chosen(
        cls,
        output: Path | None,
        format_name: str | None,
        suffixes: Mapping[str, tuple[str, ...]] = SUFFIXES,
    ) -> Destination:
        """What `-o` and `--format` ask for, of a command that knows these formats.

        Raises:
            UsageError: the suffix names no format, and nothing else does.
            DestinationError: the file's directory cannot be written: better said before the work.
        """
        file = None if output is None or str(output) == "-" else output
        if file is None:
            return cls(None, format_name or "text")
        ends = {end: name for name, ends in suffixes.items() for end in ends}
        chosen = format_name or ends.get(file.suffix.lower())
        if chosen is None:
            known = ", ".join(sorted(filter(None, ends)))
            raise UsageError(
                f"{str(file)!r}: no format for {file.suffix!r}",
                f"End it with one of {known}, or give --format.",
            )
        check_place(file)
        return cls(file, chosen)

    def look(self, color: str) -> Look:
        """How to draw there. A file is for programs and later reading: no colour, no bars."""
        if self.file is not None or sys.stdout is None:
            return Look()
        return look_of(sys.stdout, color)

    def write(self, text: str | bytes) -> None:
        """Write the answer; bytes go out as they are.

        Raises:
            DestinationError: it could not be written; a file is then as it was.
            BrokenPipeError: the reader of standard output went away.
        """
        if self.file is not None:
            put = _append if self.adds and not is_special(self.file) else _replace
            put(self.file, _encoded(text, "utf-8"))
            return
        if sys.stdout is None:
            raise DestinationError("standard output is closed", "Write to a file with -o.")
        # What programs read is UTF-8 wherever it goes (RFC 8259); text is as the terminal has it.
        if isinstance(text, str):
            text = obeyed_by_none(text, self.format_name)
        encoding = sys.stdout.encoding if self.format_name == "text" else None
        try:
            sys.stdout.flush()
            sys.stdout.buffer.write(_encoded(text, encoding or "utf-8"))
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            _abandon_stdout()
            raise DestinationError(f"standard output: {error.strerror}") from error


def _encoded(text: str | bytes, encoding: str) -> bytes:
    return text.encode(encoding, "backslashreplace") if isinstance(text, str) else text


def _abandon_stdout() -> None:
    """What is still buffered would fail again when the interpreter ends."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def is_special(file: Path) -> bool:
    """A device or a pipe: written to, never replaced."""
    try:
        return not stat.S_ISREG(file.stat().st_mode)
    except OSError:
        return False


def check_place(file: Path) -> None:
    """See whether a file can be written.

    Raises:
        DestinationError: as far as that shows now, it cannot.
    """
    folder = file.parent
    try:
        is_directory = stat.S_ISDIR(file.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        is_directory = False
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise DestinationError(f"{file}: {reason}") from None
    if is_directory:
        raise DestinationError(f"{file}: is a directory", "Name a file in it.")
    if not folder.is_dir():
        raise DestinationError(f"{folder}: no such directory", "Make it first.")
    if not is_special(file) and not os.access(folder, os.W_OK | os.X_OK):
        raise DestinationError(f"{folder}: not writable")


def _replace(file: Path, data: bytes) -> None:
    if not is_special(file):
        replace_file(file, data)
        return
    try:
        with file.open("wb", buffering=0) as stream:
            stream.write(data)
    except OSError as error:
        raise DestinationError(f"{file}: {error.strerror}") from error


def _append(file: Path, data: bytes) -> None:
    """In place, for others may be adding to the file too; cut back if not all of it fits."""
    try:
        with file.open("ab", buffering=0) as stream:
            before = os.fstat(stream.fileno()).st_size
            try:
                while data:
                    data = data[stream.write(data) or 0 :]
                os.fsync(stream.fileno())
            except OSError:
                with suppress(OSError):
                    stream.truncate(before)
                raise
    except OSError as error:
        raise DestinationError(f"{file}: {error.strerror}") from error
