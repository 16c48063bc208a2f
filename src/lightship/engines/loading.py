"""What an engine answers when an archive is loaded into it.

Docker Engine API, ImageLoad: JSON values, one a line, under status 200 also where it fails; the
failure is one of them (moby, pkg/jsonmessage). podman answers with one value and a status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.errors import DestinationError
from lightship.net.sending import Body

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANSWER_BYTES = 4 << 20
"""Of the answer; with `quiet` it has a line for each name."""
ANSWER_SECONDS = 3600.0
"""How long an engine may unpack what it has received, without a word."""
_PIECE = 1 << 20
_MESSAGE_CHARACTERS = 300


class NotLoadedError(DestinationError):
    """The engine did not take an archive to its end, or says that it failed."""


class _Detail(Struct, frozen=True):
    message: str = ""


class _Line(Struct, frozen=True, rename="camel"):
    error: str | None = None
    error_detail: _Detail | None = None


def failure(answer: bytes) -> str:
    """What went wrong, as the engine words it; empty where it names nothing."""
    for line in answer.splitlines():
        if b'"error' not in line:
            continue
        try:
            said = msgspec.json.decode(line, type=_Line)
        except (ValueError, RecursionError):
            continue
        words = (said.error_detail and said.error_detail.message) or said.error or ""
        if words := " ".join(words.split()).rstrip("."):
            return words[:_MESSAGE_CHARACTERS]
        return "it gives no reason"
    return ""


def body_of(archive: Path) -> Body:
    """An archive file as the body of a request.

    Raises:
        NotLoadedError: it cannot be read; also while it is sent.
    """

    def pieces() -> Iterator[bytes]:
        try:
            with archive.open("rb", buffering=0) as stream:
                while piece := stream.read(_PIECE):
                    yield piece
        except OSError as error:
            raise _unreadable(archive, error) from error

    try:
        return Body(pieces, archive.stat().st_size, "application/x-tar")
    except OSError as error:
        raise _unreadable(archive, error) from error


def _unreadable(archive: Path, error: OSError) -> NotLoadedError:
    return NotLoadedError(f"{archive} cannot be read: {error.strerror}")
