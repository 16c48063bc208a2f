"""Writes a new layer's tar: each old layer is read once, verified, and its stretches copied."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from lightship.errors import CorruptInputError
from lightship.layers.ahead import ahead
from lightship.layers.codecs import decompressed
from lightship.layers.headers import BLOCK
from lightship.layers.scan import AlreadyRead
from lightship.layers.writing import END, header, padding
from lightship.model.digest import Digest
from lightship.rewrite.expanding import Expansion

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from lightship.layers.index import LayerIndex
    from lightship.layers.scan import LayerScan
    from lightship.model.image import Layer
    from lightship.progress import Progress
    from lightship.rewrite.records import Cut, NewLayer

_READ_BYTES = 512 * 1024
_NEVER = 2**64
SHA_BYTES = 32


class Sources(Struct, frozen=True):
    """The layers of the image that is rewritten.

    Attributes:
        layers: as the transport gives them; opened once more each.
        scans: what indexing them gave; what is read must be the same.
        progress: told the stored bytes as they are read.
    """

    layers: Sequence[Layer]
    scans: Sequence[LayerScan]
    progress: Progress

    def pieces(self, position: int) -> Iterator[bytes]:
        """The uncompressed tar of a layer.

        Raises:
            CorruptInputError: its bytes are not those that were indexed; raised where they are
                more, else at their end.
        """
        layer, scan = self.layers[position - 1], self.scans[position - 1]
        if isinstance(layer, AlreadyRead):
            raise TypeError("a layer that came through a pipe cannot be read again")
        state, left = hashlib.sha256(), scan.index.tar_bytes
        with layer.open() as stream:
            _, pieces = decompressed(self._chunks(stream))
            for piece in pieces:
                left -= len(piece)
                if left < 0:
                    raise _changed(position)
                state.update(piece)
                yield piece
        if Digest.from_hash(state) != scan.diff_id:
            raise _changed(position)

    def _chunks(self, stream: BinaryIO) -> Iterator[bytes]:
        while chunk := stream.read(_READ_BYTES):
            self.progress.advance(len(chunk))
            yield chunk


def _changed(position: int) -> CorruptInputError:
    return CorruptInputError(
        f"layer {position} has changed while it was read",
        "Run it again when nobody writes to the image.",
    )


def write_tar(
    layer: NewLayer, sources: Sources, give: Callable[[bytes | memoryview], object]
) -> bytes:
    """Write a layer's tar, and tell what its files hold.

    The same layer and sources give the same bytes. Memory holds some pieces of one old tar.

    Args:
        layer: what is written.
        sources: the old layers.
        give: takes the tar, piece by piece.

    Returns:
        SHA-256 of the contents of the regular files with content, in the order in which they were
        written, `SHA_BYTES` each. They are taken from what was read, not from what was given.

    Raises:
        CorruptInputError: an old layer cannot be read, or has changed.
    """
    hashes = []
    for record in layer.first:
        give(header(record))
    for position, cut in layer.cuts.items():
        if cut.is_empty:
            continue
        copier = _Copier(cut, sources.scans[position - 1].index, give)
        with ahead(sources.pieces(position)) as pieces:
            hashes.append(copier.run(pieces))
    give(END)
    return b"".join(hashes)


class _Copier:
    """Copies the stretches of one old layer, and hashes the contents in them."""

    def __init__(
        self, cut: Cut, index: LayerIndex, give: Callable[[bytes | memoryview], object]
    ) -> None:
        self._cut = cut
        self._index = index
        self._give = give
        self._hashes = bytearray(SHA_BYTES * len(cut.contents))
        self._places = self._sparse_places()

    def run(self, pieces: Iterator[bytes]) -> bytes:
        """Read the whole layer; returns the SHA-256 of the contents that were taken."""
        hashed = self._hash_contents()
        next(hashed)
        number = base = end = 0
        start, stop, take = self._stretch(number)
        for piece in pieces:
            end = base + len(piece)
            hashed.send((base, piece))
            view = memoryview(piece)
            while start < end:
                take(view[start - base if start > base else 0 : stop - base])
                if stop > end:
                    break
                self._close(number)
                number += 1
                start, stop, take = self._stretch(number)
            base = end
        if start < end < stop and stop - end < BLOCK and end == self._index.tar_bytes:
            take(memoryview(bytes(stop - end)))  # a tar may end within its last padding
            self._close(number)
            start, stop, take = self._stretch(number + 1)
        if stop > start:
            raise CorruptInputError("a layer ends sooner than it did when it was indexed")
        return bytes(self._hashes)

    def _stretch(self, number: int) -> tuple[int, int, Callable[[memoryview], object]]:
        """Where a stretch lies and what takes it, once the headers before it are written."""
        cut = self._cut
        for record in cut.before.get(number, ()):
            self._give(header(record))
            if record.name in cut.edited:
                self._write(*cut.edited[record.name])
        if 2 * number == len(cut.bounds):
            return _NEVER, _NEVER, self._give
        start, stop = cut.bounds[2 * number : 2 * number + 2]
        if number in cut.sparse:
            self._expansion = Expansion(self._index, cut.sparse[number], self._give)
            return start, stop, self._expansion.take
        return start, stop, self._give

    def _write(self, entry: int, content: bytes) -> None:
        """Another content than a file had."""
        self._give(content)
        self._give(padding(len(content)))
        if content:
            place = SHA_BYTES * self._cut.contents.index(entry)
            self._hashes[place : place + SHA_BYTES] = hashlib.sha256(content).digest()

    def _close(self, number: int) -> None:
        """A sparse file is at its end."""
        if number in self._cut.sparse:
            digest, place = self._expansion.finish(), self._places.get(number)
            if place is not None:
                self._hashes[place : place + SHA_BYTES] = digest

    def _sparse_places(self) -> dict[int, int]:
        """Where among the hashes those of sparse files go, by the number of the stretch."""
        if not self._cut.sparse:
            return {}
        numbers = {entry: number for number, entry in self._cut.sparse.items()}
        return {
            numbers[entry]: SHA_BYTES * place
            for place, entry in enumerate(self._cut.contents)
            if entry in numbers
        }

    def _hash_contents(self) -> Generator[None, tuple[int, bytes], None]:
        """Hashes plain contents; it is sent each piece of the tar and where that begins."""
        columns, sha256 = self._index.columns, hashlib.sha256
        offsets, headers, sizes = columns.offsets, columns.header_bytes, columns.content_bytes
        edited = (entry for entry, _ in self._cut.edited.values())
        otherwise, hashes = frozenset((*self._cut.sparse.values(), *edited)), self._hashes
        base, piece = yield
        end, view = base + len(piece), memoryview(piece)
        for number, entry in enumerate(self._cut.contents):
            if otherwise and entry in otherwise:
                continue
            start = offsets[entry] + headers[entry]
            stop = start + sizes[entry]
            while start >= end:
                base, piece = yield
                end, view = base + len(piece), memoryview(piece)
            if stop <= end:
                digest = sha256(view[start - base : stop - base]).digest()
            else:
                state = sha256(view[start - base :])
                while stop > end:
                    base, piece = yield
                    end, view = base + len(piece), memoryview(piece)
                    state.update(view[: stop - base])
                digest = state.digest()
            hashes[SHA_BYTES * number : SHA_BYTES * (number + 1)] = digest
        while True:
            yield
