"""Codecs of layer blobs, told by magic bytes (image-spec: media types lie, see M1)."""

from __future__ import annotations

import sys
from itertools import chain
from typing import TYPE_CHECKING, Protocol, cast

from isal import igzip_lib

from lightship.errors import CorruptInputError
from lightship.layers.scan import Codec
from lightship.layers.wire_map import WireTrack, stride

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

OUTPUT_BYTES = 256 * 1024
"""A piece of uncompressed data: larger ones leave a core's cache before they are hashed."""

_NOTHING = memoryview(b"")
_HEADER_CHECKSUM, _EXTRA, _NAME, _COMMENT = 2, 4, 8, 16
_END = b""  # behind the last chunk
_MIN_FED_BYTES = 256  # of a new member: its header, as a rule
_MAX_GZIP_HEADER = 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = frozenset(bytes((n, 0x2A, 0x4D, 0x18)) for n in range(0x50, 0x60))


class _Decompressor(Protocol):
    """What isal's and zstd's objects have in common: one member or frame each."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes | memoryview, max_length: int = -1) -> bytes: ...


def sniff(head: bytes) -> Codec:
    """Tell the codec from the first four bytes of a blob."""
    if head.startswith(_GZIP_MAGIC):
        return Codec.GZIP
    if head.startswith(_ZSTD_MAGIC) or head[:4] in _ZSTD_SKIPPABLE:
        return Codec.ZSTD
    return Codec.PLAIN


def decompressed(
    chunks: Iterable[bytes], track: WireTrack | None = None
) -> tuple[Codec, Iterator[bytes]]:
    """Undo the compression of a stream, whatever its codec.

    Every gzip member (RFC 1952) and zstd frame (RFC 8878) is read, and their checksums are
    verified. NUL padding after the last gzip member is tolerated, as engines do (umoci#360).

    Args:
        chunks: the stored bytes.
        track: told where what came out of a compressed stream lies in it.

    Returns:
        The codec and the uncompressed bytes, in pieces of at most `OUTPUT_BYTES` (plain: as given).

    Raises:
        CorruptInputError: while iterating, if the compressed data is damaged or ends too soon.
    """
    source = iter(chunks)
    head = b""
    for chunk in source:
        head += chunk
        if len(head) >= 4:
            break
    codec = sniff(head)
    stream = chain((head,), source) if head else source
    if codec is Codec.PLAIN:
        return codec, stream
    return codec, _frames(stream, codec, track or WireTrack())


def _machinery(codec: Codec) -> tuple[Callable[[], _Decompressor], tuple[type[Exception], ...]]:
    """What makes a decompressor, and what it raises on damaged data."""
    if codec is Codec.GZIP:
        return _gzip_member, (cast("type[Exception]", igzip_lib.IsalError), EOFError, ValueError)
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415 - most images have no zstd
    else:
        from backports import zstd  # noqa: PLC0415
    return zstd.ZstdDecompressor, (zstd.ZstdError, EOFError, ValueError)


def _holds_gzip_header(data: bytes) -> bool:
    """Whether a member's header (RFC 1952, 2.3) is there in full: isal forgets one that is cut.

    Raises:
        CorruptInputError: it is longer than any program writes.
    """
    flags = data[3]
    position = 10
    if flags & _EXTRA and len(data) >= position + 2:
        position += 2 + int.from_bytes(data[position : position + 2], "little")
    elif flags & _EXTRA:
        return False
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            position = data.find(b"\0", position) + 1
            if not position:
                if len(data) > _MAX_GZIP_HEADER:
                    raise CorruptInputError("a gzip header of more than a megabyte")
                return False
    return len(data) >= position + (2 if flags & _HEADER_CHECKSUM else 0)


def _gzip_member() -> _Decompressor:
    """Reads one member, its header and checksum too."""
    decompressor: _Decompressor = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    return decompressor


def _frames(chunks: Iterable[bytes], codec: Codec, track: WireTrack) -> Iterator[bytes]:
    new_decoder, failures = _machinery(codec)
    decoder: _Decompressor | None = None
    waiting = b""  # between two members, less than a header
    padded = False  # after the last member: nothing but NULs may follow
    # zstd gives out a block, up to 128 KiB, at its end: it is fed less, to see where that is.
    shift = 1 if codec is Codec.ZSTD else 0
    base = out_bytes = 0  # where the data begins in the stream, and what came out so far
    # Where in the stream the next checkpoint is. However the chunks are cut, the decoder is fed the
    # same pieces: what it holds back depends on them, and one blob is to have one map.
    stop = 0
    for chunk in chain(chunks, (_END,)):
        data = waiting + chunk if waiting else chunk
        waiting = b""
        view = memoryview(data)
        position = 0
        while position < len(data) or decoder:
            at = base + position
            if decoder is None:
                while stop < at + _MIN_FED_BYTES:
                    stop += stride(stop) >> shift
                if chunk is not _END and stop > base + len(data):
                    waiting = data[position:]
                    break
                rest = data[position : position + stop - at] if position else data
                if padded or (len(rest) >= 4 and sniff(rest) is not codec) or rest[0] == 0:
                    _expect_padding(data[position:], codec)
                    padded = True
                    break
                if len(rest) < 4 or (codec is Codec.GZIP and not _holds_gzip_header(rest)):
                    rest = data[position:]
                    if len(rest) < 4 or not _holds_gzip_header(rest):
                        waiting = rest
                        break
                    fed = view[position:]  # isal needs all of a header at once
                else:
                    fed = view[position : position + stop - at]
                decoder = new_decoder()
            elif decoder.needs_input:
                if position == len(data):
                    break
                while stop <= at:
                    stop += stride(stop) >> shift
                if chunk is not _END and stop > base + len(data):
                    waiting = data[position:]
                    break
                fed = view[position : position + stop - at]
            else:
                fed = _NOTHING
            position += len(fed)
            try:
                out = decoder.decompress(fed, OUTPUT_BYTES)
            except failures as problem:
                raise CorruptInputError(f"damaged {codec} data ({problem})") from problem
            if out:
                out_bytes += len(out)
                yield out
            if decoder.eof:
                position -= len(decoder.unused_data)
                decoder = None
                track.pass_by(out_bytes, base + position)
            elif base + position == stop and decoder.needs_input:
                track.pass_by(out_bytes, base + position)
        base += len(data) - len(waiting)
    if decoder is not None or (len(waiting) >= 4 and sniff(waiting) is codec):
        raise CorruptInputError(f"the {codec} data ends too soon")
    _expect_padding(waiting, codec)


def _expect_padding(data: bytes, codec: Codec) -> None:
    if data.strip(b"\0") or (data and codec is not Codec.GZIP):
        raise CorruptInputError(f"bytes that are not {codec} follow the {codec} data")
