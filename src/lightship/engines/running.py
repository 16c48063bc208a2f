"""Programs whose output is read as it comes."""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PIECE = 1 << 20
_COMPLAINT_BYTES = 8192
_COMPLAINT_CHARACTERS = 300
_ENDING_SECONDS = 10.0


class ProgramError(Exception):
    """A program failed; the text is its last complaint, on one line."""


@contextmanager
def output_of(
    command: Sequence[str], environment: Mapping[str, str], *, stall_seconds: float
) -> Iterator[Iterator[bytes]]:
    """What a program writes to standard output, in pieces.

    Leaving the context ends the program if it still runs, and removes what it left in its
    temporary directory, which is one of its own.

    Raises:
        ProgramError: it cannot be started; from the iterator, it failed or said nothing for
            `stall_seconds`.
    """
    with tempfile.TemporaryDirectory(
        prefix="lightship-", dir=roomy_directory(environment), ignore_cleanup_errors=True
    ) as place:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**environment, "TMPDIR": place},
            )
        except OSError as error:
            raise ProgramError(f"{command[0]} cannot be started: {error.strerror}") from None
        assert process.stdout is not None  # noqa: S101 - for the type checker
        assert process.stderr is not None  # noqa: S101 - likewise
        complaint = _Complaint(process.stderr)
        try:
            yield _pieces(process, process.stdout, complaint, stall_seconds)
        finally:
            _end(process)
            process.stdout.close()
            complaint.end()


def whole_output(
    command: Sequence[str], environment: Mapping[str, str], *, limit: int, stall_seconds: float
) -> bytes:
    """All that a program writes.

    Raises:
        ProgramError: it failed, or wrote more than `limit` bytes.
    """
    parts, length = [], 0
    with output_of(command, environment, stall_seconds=stall_seconds) as pieces:
        for piece in pieces:
            parts.append(piece)
            length += len(piece)
            if length > limit:
                raise ProgramError(f"{command[0]} writes more than {limit} bytes")
    return b"".join(parts)


def _pieces(
    process: subprocess.Popen[bytes],
    stdout: IO[bytes],
    complaint: _Complaint,
    stall_seconds: float,
) -> Iterator[bytes]:
    descriptor = stdout.fileno()
    waiting = select.poll()  # not select(), which knows 1024 descriptors
    waiting.register(descriptor, select.POLLIN)
    while True:
        if not waiting.poll(stall_seconds * 1000):
            raise ProgramError(f"it wrote nothing for {stall_seconds:g} seconds")
        piece = os.read(descriptor, _PIECE)
        if not piece:
            break
        yield piece
    try:
        code = process.wait(_ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        raise ProgramError("it closed its output and did not end") from None
    if code:
        how = f"exit code {code}" if code > 0 else f"ended by signal {-code}"
        raise ProgramError(complaint.last_line() or how)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def roomy_directory(environment: Mapping[str, str]) -> Path:
    """Where large temporary files go: `TMPDIR`, else where engines have theirs.

    That is not in memory, as /tmp may be.
    """
    if named := environment.get("TMPDIR"):
        return Path(named)
    place = Path("/var/tmp")  # noqa: S108 - what is made in it is nobody else's
    return place if os.access(place, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


class _Complaint:
    """The end of what a program says on standard error, taken as it comes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._kept = b""
        self._thread = Thread(target=self._listen, name="lightship-stderr", daemon=True)
        self._thread.start()

    def last_line(self) -> str:
        self._thread.join(_ENDING_SECONDS)
        text = self._kept.decode("utf-8", "replace")
        lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
        line = lines[-1] if lines else ""
        for label in ("Error response from daemon: ", "Error: "):
            line = line.removeprefix(label)
        return line.rstrip(".")[:_COMPLAINT_CHARACTERS]

    def end(self) -> None:
        self._thread.join(_ENDING_SECONDS)
        if not self._thread.is_alive():
            self._stream.close()

    def _listen(self) -> None:
        with suppress(OSError, ValueError):
            while data := os.read(self._stream.fileno(), _COMPLAINT_BYTES):
                self._kept = (self._kept + data)[-_COMPLAINT_BYTES:]
