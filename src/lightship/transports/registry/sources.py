"""What a blob is uploaded from: a temporary file, or a layer of another image."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO, Protocol

from lightship.errors import CorruptInputError, LightshipError
from lightship.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.model.image import Layer
    from lightship.transports.registry.spool import HeldBlob, SpooledBlob

PIECE_BYTES = 256 * 1024


class Source(Protocol):
    """A blob that can be sent from any byte on, as often as it takes.

    Attributes:
        failure: what reading it raised, which is no fault of the registry.
    """

    failure: LightshipError | None

    @property
    def digest(self) -> Digest:
        """Of all its bytes."""

    @property
    def stored_bytes(self) -> int:
        """How many there are."""

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` to before `end`.

        Raises:
            LightshipError: they cannot be read, or are not what the digest says; that is known
                before the blob's last piece is given.
        """

    def close(self) -> None:
        """Nothing more will be asked for."""


class SpooledSource:
    """A blob in a temporary file or in memory (`Source`)."""

    failure: LightshipError | None = None

    def __init__(self, blob: SpooledBlob | HeldBlob) -> None:
        self.digest = blob.digest
        self.stored_bytes = blob.stored_bytes
        self._blob = blob

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        try:
            for at in range(start, end, PIECE_BYTES):
                yield self._blob.read_at(at, min(PIECE_BYTES, end - at))
        except LightshipError as problem:
            self.failure = problem
            raise

    def close(self) -> None: ...


class LayerSource:
    """A layer of another image, read as it is sent and hashed on the way (`Source`).

    To send bytes again it is opened again: nothing of it is kept.
    """

    failure: LightshipError | None = None

    def __init__(self, layer: Layer, digest: Digest, stored_bytes: int) -> None:
        self.digest = digest
        self.stored_bytes = stored_bytes
        self._layer = layer
        self._stream: BinaryIO | None = None
        self._at = 0
        self._state = hashlib.new(digest.algorithm)

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        try:
            stream = self._stream if self._at == start else None
            if stream is None:
                stream = self._opened_at(start)
            while self._at < end:
                yield self._next(stream, min(PIECE_BYTES, end - self._at))
        except OSError as error:
            self.failure = CorruptInputError(f"{self._named} cannot be read: {error.strerror}")
            raise self.failure from None
        except LightshipError as problem:
            self.failure = problem
            raise

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    @property
    def _named(self) -> str:
        return f"layer {self._layer.position} ({self.digest.algorithm}:{self.digest.short})"

    def _opened_at(self, start: int) -> BinaryIO:
        self.close()
        self._stream = stream = self._layer.open()
        self._at = 0
        self._state = hashlib.new(self.digest.algorithm)
        while self._at < start:
            self._next(stream, min(PIECE_BYTES, start - self._at))
        if not self.stored_bytes:
            self._verify(stream)
        return stream

    def _next(self, stream: BinaryIO, count: int) -> bytes:
        data = stream.read(count)
        if not data:
            raise CorruptInputError(
                f"{self._named} ends after {self._at:,} of {self.stored_bytes:,} bytes"
            )
        self._state.update(data)
        self._at += len(data)
        if self._at == self.stored_bytes:
            self._verify(stream)
        return data

    def _verify(self, stream: BinaryIO) -> None:
        if stream.read(1):
            raise CorruptInputError(f"{self._named} is longer than its {self.stored_bytes:,} bytes")
        if (found := Digest.from_hash(self._state)) != self.digest:
            raise CorruptInputError(f"{self._named} has in truth the digest {found}")
