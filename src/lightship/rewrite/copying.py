"""Writes a new layer's tar: each old layer is read once, verified, and its stretches copied."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from lightship.errors import CorruptInputError
from lightship.layers.ahead import ahead
from lightship.layers.codecs import decompressed
from lightship.layers.scan import AlreadyRead
from lightship.layers.writing import END, header, padding
from lightship.model.digest import Digest
from lightship.rewrite.expanding import expanded
from lightship.rewrite.records import Cut, Remade, stored_end

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from lightship.layers.scan import LayerScan
    from lightship.model.image import Layer
    from lightship.progress import Progress
    from lightship.rewrite.records import Loan, NewLayer

_READ_BYTES = 512 * 1024
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
            CorruptInputError: its bytes are not those that were indexed; raised at their end.
        """
        layer, scan = self.layers[position - 1], self.scans[position - 1]
        if isinstance(layer, AlreadyRead):
            raise TypeError("a layer that came through a pipe cannot be read again")
        state = hashlib.sha256()
        with layer.open() as stream:
            _, pieces = decompressed(self._chunks(stream))
            for piece in pieces:
                state.update(piece)
                yield piece
        if Digest.from_hash(state) != scan.diff_id:
            raise CorruptInputError(
                f"layer {position} has changed while it was read",
                "Run it again when nobody writes to the image.",
            )

    def _chunks(self, stream: BinaryIO) -> Iterator[bytes]:
        while chunk := stream.read(_READ_BYTES):
            self.progress.advance(len(chunk))
            yield chunk


def write_tar(
    layer: NewLayer, sources: Sources, give: Callable[[bytes | memoryview], object]
) -> bytes:
    """Write a layer's tar, and tell what its files hold.

    Args:
        layer: what is written.
        sources: the old layers.
        give: takes the tar, piece by piece.

    Returns:
        SHA-256 of the contents of the regular files with content, in the order in which they were
        written, `SHA_BYTES` each.

    Raises:
        CorruptInputError: an old layer cannot be read, or has changed.
    """
    hashes = []
    for record in layer.first:
        give(header(record))
    for position in layer.positions:
        copier = _Copier(layer.cuts[position], sources.scans[position - 1], give)
        with ahead(sources.pieces(position)) as pieces:
            hashes.append(copier.run(pieces))
    hashes += [_lend(loan, sources, give) for loan in layer.loans]
    give(END)
    return b"".join(hashes)


def _lend(loan: Loan, sources: Sources, give: Callable[[bytes | memoryview], object]) -> bytes:
    """Write a file whose content lies in a layer that stays."""
    index = sources.scans[loan.position - 1].index
    cut = Cut()
    cut.make(loan.header)
    start = index.columns.offsets[loan.entry] + index.columns.header_bytes[loan.entry]
    if loan.header.content_bytes:
        cut.copy(start, stored_end(index, loan.entry))
        cut.contents.append(loan.entry)
    copier = _Copier(cut, sources.scans[loan.position - 1], give)
    with ahead(sources.pieces(loan.position)) as pieces:
        return copier.run(pieces)


class _Copier:
    """Copies the stretches of one old layer, and hashes the contents in them."""

    def __init__(
        self, cut: Cut, scan: LayerScan, give: Callable[[bytes | memoryview], object]
    ) -> None:
        self._cut = cut
        self._index = scan.index
        self._give = give
        self._hashes = bytearray(SHA_BYTES * len(cut.contents))

    def run(self, pieces: Iterator[bytes]) -> bytes:
        """Read the whole layer; returns the SHA-256 of the contents that were taken."""
        cut, give = self._cut, self._give
        bounds, before, count = cut.bounds, cut.before, len(cut.bounds) // 2
        number = 0  # of the stretch that comes next, or goes on
        start, stop = (bounds[0], bounds[1]) if count else (-1, -1)
        gathered: list[bytes] = []  # of a sparse record
        contents = self._contents()
        next(contents)
        base = 0
        self._make(before.get(0, ()))
        for piece in pieces:
            end = base + len(piece)
            contents.send((base, piece))
            view = memoryview(piece)
            while number < count and start < end:
                part = view[max(start - base, 0) : stop - base]
                if number in cut.sparse:
                    gathered.append(bytes(part))
                else:
                    give(part)
                if stop > end:
                    break
                if number in cut.sparse:
                    self._expand(b"".join(gathered), cut.sparse[number])
                    gathered = []
                number += 1
                self._make(before.get(number, ()))
                if number < count:
                    start, stop = bounds[2 * number], bounds[2 * number + 1]
            base = end
        if number < count:
            raise CorruptInputError("a layer ends sooner than it did when it was indexed")
        return bytes(self._hashes)

    def _make(self, records: Sequence[object]) -> None:
        for record in records:
            self._give(header(record.header if isinstance(record, Remade) else record))  # type: ignore[arg-type]
            if isinstance(record, Remade) and record.content:
                self._give(record.content)
                self._give(padding(len(record.content)))
                self._keep_hash(record.entry, hashlib.sha256(record.content).digest())

    def _expand(self, record: bytes, entry: int) -> None:
        """Write a sparse file's content plainly, and hash it."""
        state = hashlib.sha256()
        length = 0
        for part in expanded(record):
            state.update(part)
            self._give(part)
            length += len(part)
        self._give(padding(length))
        if length:
            self._keep_hash(entry, state.digest())

    def _keep_hash(self, entry: int, digest: bytes) -> None:
        number = self._cut.contents.index(entry)
        self._hashes[SHA_BYTES * number : SHA_BYTES * (number + 1)] = digest

    def _contents(self) -> Generator[None, tuple[int, bytes], None]:
        """Hashes contents; it is sent each piece of the tar and where that begins."""
        columns, sha256 = self._index.columns, hashlib.sha256
        offsets, headers, sizes = columns.offsets, columns.header_bytes, columns.content_bytes
        hashes = self._hashes
        otherwise = frozenset((*self._cut.sparse.values(), *self._cut.edited()))
        base, piece = yield
        end, view = base + len(piece), memoryview(piece)
        for number, entry in enumerate(self._cut.contents):
            if entry in otherwise:
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


def tar_of(layer: NewLayer, sources: Sources) -> bytes:
    """The whole tar in memory; for small layers, as in tests."""
    parts: list[bytes] = []
    write_tar(layer, sources, lambda data: parts.append(bytes(data)))
    return b"".join(parts)
