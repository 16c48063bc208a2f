"""Stretches of a file that is being written: copied into, hashed as they were written."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, BinaryIO

from lightship.errors import CorruptInputError, UnreachableError
from lightship.model.digest import Digest
from lightship.transports.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable

_PIECE = 1 << 20
_KERNEL_PIECE = 1 << 24
_IN_KERNEL: Callable[[int, int, int, int, int], int] | None = getattr(os, "copy_file_range", None)


class StoppedError(Exception):
    """What was being done is not wanted any more."""


def write_at(descriptor: int, data: bytes | bytearray | memoryview, offset: int) -> None:
    """Write all of some bytes at an offset.

    Raises:
        OSError: they could not be written.
    """
    rest = memoryview(data)
    while rest:
        written = os.pwrite(descriptor, rest, offset)
        offset += written
        rest = rest[written:]


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of some bytes where a stream is now.

    Raises:
        OSError: they could not be written.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def copy_into(
    descriptor: int, offset: int, stream: BinaryIO, limit: int | None, stopped: Callable[[], bool]
) -> int:
    """Copy a whole stream to an offset: in the kernel where both are files.

    Args:
        descriptor: of the file that is written.
        offset: where the first byte goes.
        stream: what is copied.
        limit: how many bytes there may be; None for any number.
        stopped: asked again and again whether to go on.

    Returns:
        How many bytes there were.

    Raises:
        OSError: they could not be written.
        CorruptInputError: there are more than `limit`; or what reading the stream raises.
    """
    done = 0
    if isinstance(stream, Span):
        done = _copy_in_kernel(descriptor, offset, stream, limit, stopped)
        stream = stream.file.span(stream.start + done, stream.length - done)
    while piece := _read(stream):
        _go_on(stopped)
        _check(done + len(piece), limit)
        write_at(descriptor, piece, offset + done)
        done += len(piece)
    return done


def hash_of(
    descriptor: int, offset: int, length: int, algorithm: str, stopped: Callable[[], bool]
) -> Digest:
    """The digest of a stretch, read back from the file.

    Raises:
        OSError: it could not be read.
    """
    state = hashlib.new(algorithm)
    piece = memoryview(bytearray(min(_PIECE, length) or 1))
    done = 0
    while done < length and (
        count := os.preadv(descriptor, [piece[: length - done]], offset + done)
    ):
        _go_on(stopped)
        state.update(piece[:count])
        done += count
    return Digest.from_hash(state)


def _copy_in_kernel(
    descriptor: int, offset: int, span: Span, limit: int | None, stopped: Callable[[], bool]
) -> int:
    """As much of a span as the kernel copies; none where it does not copy between these files.

    Reading and writing the rest tells what is wrong, and with which of them.
    """
    _check(span.length, limit)
    done = 0
    while _IN_KERNEL is not None and done < span.length:
        _go_on(stopped)
        wanted = min(span.length - done, _KERNEL_PIECE)
        try:
            count = _IN_KERNEL(
                span.file.fileno(), descriptor, wanted, span.start + done, offset + done
            )
        except OSError:
            break
        if not count:
            break
        done += count
    return done


def _read(stream: BinaryIO) -> bytes:
    try:
        return stream.read(_PIECE)
    except OSError as error:  # of the source; those of the destination are OSErrors here
        raise UnreachableError(f"a layer cannot be read: {error.strerror or error}") from error


def _check(length: int, limit: int | None) -> None:
    if limit is not None and length > limit:
        raise CorruptInputError(f"a layer has more than the {limit} bytes that are claimed of it")


def _go_on(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise StoppedError
