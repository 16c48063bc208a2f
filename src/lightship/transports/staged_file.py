"""Blobs that lie in files, and the work on them that goes on while others are written."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, BinaryIO

from lightship.errors import DestinationError
from lightship.transports.stretches import StoppedError, write_at
from lightship.transports.write_failures import could_not_write

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.model.digest import Digest
    from lightship.transports.storing import StagedBlob

_MAX_WAITING = 1 << 18


class Work:
    """What is done beside the caller: copying, hashing, and waiting for the disk.

    Args:
        where: the destination, for messages.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._threads: ThreadPoolExecutor | None = None
        self._begun: list[Future[None]] = []
        self._stopped = False

    def begin(self, task: Callable[[], None]) -> Future[None]:
        """Do it soon. What it raises comes out of `wait`, and out of the future."""
        if self._threads is None:
            count = min(4, (os.cpu_count() or 1) + 1)  # one may be waiting for the disk
            self._threads = ThreadPoolExecutor(count, "lightship-staging")
        future = self._threads.submit(self._done, task)
        self._begun.append(future)
        return future

    def stopped(self) -> bool:
        """Whether nobody wants it any more."""
        return self._stopped

    def wait(self) -> None:
        """Until all of it is done.

        Raises:
            DestinationError: the destination failed.
            CorruptInputError: the source did.
        """
        for future in self._begun:
            future.result()

    def stop(self) -> None:
        """Give up what is not done. Never raises."""
        self._stopped = True
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)

    def _done(self, task: Callable[[], None]) -> None:
        try:
            task()
        except OSError as error:
            raise could_not_write(self._where, error) from error
        except StoppedError:
            raise DestinationError(f"{self._where} was given up") from None


class PendingBlob:
    """A blob that is being copied (`transports.storing.StagedBlob`).

    Args:
        blob: as it will be.
        done: raises what went wrong.
    """

    def __init__(self, blob: StagedBlob, done: Future[None]) -> None:
        self.digest = blob.digest
        self.stored_bytes = blob.stored_bytes
        self._blob = blob
        self._done = done

    def open(self) -> BinaryIO:
        """Its bytes, read back, once they are there.

        Raises:
            CorruptInputError: they are not what the digest says.
            DestinationError: they could not be written.
        """
        self._done.result()
        return self._blob.open()


class StretchSink:
    """A blob written to a file from an offset on (`transports.storing.BlobSink`).

    Args:
        descriptor: of the file.
        offset: where the blob begins.
        where: the destination, for messages.
        finished: given the digest and the blob's length; says where it is.
        abandoned: told that it is not wanted.
    """

    def __init__(
        self,
        descriptor: int,
        offset: int,
        where: str,
        finished: Callable[[Digest, int], StagedBlob],
        abandoned: Callable[[], None],
    ) -> None:
        self._descriptor = descriptor
        self._start = offset
        self._offset = offset
        self._where = where
        self._finished = finished
        self.abandon = abandoned
        self._waiting = bytearray()

    def write(self, data: bytes | memoryview, /) -> None:
        if len(self._waiting) + len(data) < _MAX_WAITING:
            self._waiting += data
            return
        self._flush()
        self._put(data)

    def finish(self, digest: Digest) -> StagedBlob:
        self._flush()
        try:
            return self._finished(digest, self._offset - self._start)
        except OSError as error:
            raise could_not_write(self._where, error) from error

    def _flush(self) -> None:
        self._put(self._waiting)
        self._waiting = bytearray()

    def _put(self, data: bytes | bytearray | memoryview) -> None:
        try:
            write_at(self._descriptor, data, self._offset)
        except OSError as error:
            self.abandon()
            raise could_not_write(self._where, error) from error
        self._offset += len(data)
