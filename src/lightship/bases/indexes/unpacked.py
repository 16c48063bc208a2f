"""An index's bytes, whatever they are packed with, and never more of them than a bound."""

from __future__ import annotations

import lzma
from itertools import chain
from typing import TYPE_CHECKING

from lightship.errors import CorruptInputError, OverLimitError
from lightship.layers.codecs import decompressed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PIECE_BYTES = 256 * 1024
_MAX_UNPACKED_BYTES = 2 * 1024**3
"""Fedora's list of all packages has 400 MB unpacked, Debian's of all files 800."""
_MAX_XZ_MEMORY_BYTES = 128 * 1024 * 1024
MAX_LINE_BYTES = 1024 * 1024
_XZ = b"\xfd7zXZ\0"
_UNREAD = {b"BZh": "bzip2", b"\x04\x22\x4d\x18": "lz4", b"ADB": "apk's own database format"}


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of a plain, gzip (also of several members), zstd or xz file.

    Raises:
        CorruptInputError: while iterating: damaged, packed with something else, or too long.
    """
    source = iter(chunks)
    head = b""
    for chunk in source:
        head += chunk
        if len(head) >= len(_XZ):
            break
    for magic, name in _UNREAD.items():
        if head.startswith(magic):
            raise CorruptInputError(f"it is packed with {name}, which is not read here")
    stream = chain((head,), source) if head else source
    pieces = _xz(stream) if head.startswith(_XZ) else decompressed(stream)[1]
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > _MAX_UNPACKED_BYTES:
            raise OverLimitError(f"it unpacks to more than {_MAX_UNPACKED_BYTES} bytes")
        yield piece


def _xz(chunks: Iterable[bytes]) -> Iterator[bytes]:
    decoder: lzma.LZMADecompressor | None = None
    for chunk in chunks:
        data = chunk
        while data or (decoder is not None and not decoder.needs_input):
            if decoder is None:
                data = data.lstrip(b"\0")  # padding between streams (xz file format, 2.2)
                if not data:
                    break
                decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, _MAX_XZ_MEMORY_BYTES)
            try:
                piece = decoder.decompress(data, _PIECE_BYTES)
            except lzma.LZMAError as problem:
                raise CorruptInputError(f"damaged xz data ({problem})") from problem
            data = b""
            if piece:
                yield piece
            if decoder.eof:
                data, decoder = decoder.unused_data, None
    if decoder is not None:
        raise CorruptInputError("the xz data ends too soon")


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a text, without their ends.

    Raises:
        OverLimitError: one is longer than `MAX_LINE_BYTES` and than the pieces.
    """
    rest: list[bytes] = []
    rest_bytes = 0
    for piece in pieces:
        first, newline, more = piece.partition(b"\n")
        rest.append(first)
        rest_bytes += len(first)
        if newline:
            yield b"".join(rest)
            *whole, last = more.split(b"\n")
            yield from whole
            rest, rest_bytes = [last], len(last)
        if rest_bytes > MAX_LINE_BYTES:
            raise OverLimitError(f"a line of more than {MAX_LINE_BYTES} bytes")
    if rest_bytes:
        yield b"".join(rest)


class Pieces:
    """Reads an exact number of bytes at a time from a stream that comes in pieces."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._piece = b""
        self._at = 0

    def read(self, count: int) -> bytes:
        """So many bytes, fewer only at the end."""
        return b"".join(self.parts(count))

    def parts(self, count: int) -> Iterator[bytes]:
        """The same in pieces."""
        while count:
            if self._at == len(self._piece):
                self._piece, self._at = next(self._pieces, b""), 0
                if not self._piece:
                    return
            part = self._piece[self._at : self._at + count]
            self._at += len(part)
            count -= len(part)
            yield part

    def all(self) -> Iterator[bytes]:
        """Everything that is left."""
        yield self._piece[self._at :]
        self._piece, self._at = b"", 0
        yield from self._pieces
