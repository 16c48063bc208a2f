"""Blobs that are kept until they are uploaded: small ones in memory, others in temporary files."""

from __future__ import annotations

import os
import tempfile
from io import BytesIO
from typing import IO, TYPE_CHECKING, BinaryIO

from lightship.errors import DestinationError
from lightship.model.digest import Digest
from lightship.transports.spans import LocalFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lightship.transports.storing import StagedBlob


class SpooledBlob:
    """A blob in a file that has no name (`transports.storing.StagedBlob`).

    Nothing of it stays, whatever happens to this process.
    """

    def __init__(self, file: LocalFile, digest: Digest, stored_bytes: int) -> None:
        self.digest = digest
        self.stored_bytes = stored_bytes
        self._file = file

    def open(self) -> BinaryIO:
        return self._file.span(0, self.stored_bytes)

    def read_at(self, offset: int, count: int) -> bytes:
        """Bytes from an offset on; fewer only where the file is shorter than it was."""
        return self._file.read_at(offset, count)


class HeldBlob:
    """A small blob in memory (`transports.storing.StagedBlob`)."""

    def __init__(self, data: bytes) -> None:
        self.digest = Digest.of(data)
        self.stored_bytes = len(data)
        self._data = data

    def open(self) -> BinaryIO:
        return BytesIO(self._data)

    def read_at(self, offset: int, count: int) -> bytes:
        """Bytes from an offset on."""
        return self._data[offset : offset + count]


class SpoolSink:
    """A blob that goes into such a file (`transports.storing.BlobSink`).

    Args:
        directory: where the file is.
        where: the destination, for messages.
        finished: takes the blob when it is whole.
    """

    def __init__(
        self, directory: Path, where: str, finished: Callable[[SpooledBlob], StagedBlob]
    ) -> None:
        self._directory = directory
        self._where = where
        self._finished = finished
        self._written = 0
        try:
            self._file: IO[bytes] = tempfile.TemporaryFile(  # noqa: SIM115 - closed by finish or abandon
                buffering=0, prefix="lightship-push-", dir=directory
            )
        except OSError as error:
            raise self._failed(error) from error

    def write(self, data: bytes | memoryview, /) -> None:
        rest = memoryview(data)
        self._written += len(rest)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self.abandon()
            raise self._failed(error) from error

    def finish(self, digest: Digest) -> StagedBlob:
        file = LocalFile(os.dup(self._file.fileno()), f"a temporary file in {self._directory}")
        self._file.close()
        return self._finished(SpooledBlob(file, digest, self._written))

    def abandon(self) -> None:
        self._file.close()

    def _failed(self, error: OSError) -> DestinationError:
        return DestinationError(
            f"{self._where}: its new layers could not be kept in {self._directory} until they are"
            f" pushed: {error.strerror}",
            "They are kept there once, compressed: name a directory with more room in TMPDIR.",
        )
