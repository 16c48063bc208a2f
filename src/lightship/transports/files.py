"""What lies in this machine's files, directories and pipes."""

from __future__ import annotations

import io
import os
import stat
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lightship.errors import CorruptInputError, UnreachableError, UsageError
from lightship.layers.codecs import decompressed, sniff
from lightship.layers.scan import Codec
from lightship.transports import oci, oci_archive
from lightship.transports.archive import ArchiveFile
from lightship.transports.references import STDIN
from lightship.transports.spans import LocalFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.model.reference import Reference
    from lightship.transports.choosing import Catalogue
    from lightship.transports.receiving import Receiver

_CHUNK = 1 << 20
_STDIN_NAME = "standard input"


def catalogue(reference: Reference, receiver: Receiver) -> Catalogue:
    """The images of an archive or layout, told by content where the reference leaves it open.

    Raises:
        UsageError: it is a directory and no archive, or standard input is a terminal.
        UnreachableError: it cannot be read, or is compressed as a whole.
        CorruptInputError: it breaks its format.
    """
    location = reference.location
    if location == STDIN:
        return _from_stdin(reference.transport, receiver)
    try:
        mode = os.stat(location).st_mode  # noqa: PTH116
    except OSError as error:
        raise UnreachableError(f"{location} cannot be read: {error.strerror}") from None
    if stat.S_ISDIR(mode):
        if reference.transport != "oci":
            raise UsageError(
                f"{location} is a directory and no archive", f"Write oci:{location} for a layout."
            )
        return oci.catalogue(location)
    transport = "oci-archive" if reference.transport == "oci" else reference.transport
    if stat.S_ISFIFO(mode):
        return _from_fifo(transport, location, receiver)
    file = LocalFile.open(location)
    codec = sniff(file.read_at(0, 4))
    if codec is not Codec.PLAIN and receiver.keeps_layers:
        stream = file.span(0, file.file_bytes)
        return _from_pipe(transport, location, location, stream.read, receiver)
    if codec is not Codec.PLAIN:
        raise UnreachableError(
            f"{location} is compressed with {codec} as a whole, so it cannot be read in place",
            f"Unpack it with `{_unpacker(codec)} -d {location}`, or pipe it: "
            f"`{_unpacker(codec)} -dc {location} | lightship inspect -`.",
        )
    return oci_archive.of_archive(ArchiveFile(file), transport, location)


def _unpacker(codec: Codec) -> str:
    return "gzip" if codec is Codec.GZIP else "zstd"


def _from_fifo(transport: str, location: str, receiver: Receiver) -> Catalogue:
    with Path(location).open("rb", buffering=0) as stream:
        return _from_pipe(transport, location, location, stream.read, receiver)


def _from_stdin(transport: str, receiver: Receiver) -> Catalogue:
    try:
        descriptor = sys.stdin.fileno()
    except (AttributeError, ValueError, io.UnsupportedOperation):
        stream = getattr(sys.stdin, "buffer", None)
        if stream is None:
            raise UsageError("standard input is closed") from None
        return _from_pipe(transport, STDIN, _STDIN_NAME, stream.read, receiver)
    if os.isatty(descriptor):
        raise UsageError(
            "standard input is a terminal",
            "Pipe an archive: `docker save X | lightship inspect -`.",
        )
    file = _regular(descriptor)
    if file is not None and sniff(file.read_at(0, 4)) is Codec.PLAIN:
        return oci_archive.of_archive(ArchiveFile(file), transport, STDIN)
    return _from_pipe(transport, STDIN, _STDIN_NAME, partial(os.read, descriptor), receiver)


def _regular(descriptor: int) -> LocalFile | None:
    """Standard input as a file, where it is one and nothing of it was read yet."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode) or os.lseek(descriptor, 0, os.SEEK_CUR):
        return None
    return LocalFile(os.dup(descriptor), _STDIN_NAME)


def _from_pipe(
    transport: str,
    location: str,
    where: str,
    read: Callable[[int], bytes],
    receiver: Receiver,
) -> Catalogue:
    chunks = _uncompressed(_chunks(read, where), where)
    return oci_archive.of_archive(receiver.receive(chunks, where), transport, location)


def _uncompressed(chunks: Iterator[bytes], where: str) -> Iterator[bytes]:
    try:
        yield from decompressed(chunks)[1]
    except CorruptInputError as error:
        raise CorruptInputError(f"{where}: {error.what}", error.hint) from None


def _chunks(read: Callable[[int], bytes], where: str) -> Iterator[bytes]:
    try:
        while chunk := read(_CHUNK):
            yield chunk
    except OSError as error:
        raise UnreachableError(f"{where} cannot be read: {error.strerror}") from None
