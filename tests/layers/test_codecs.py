from __future__ import annotations

import gzip
import struct
import sys
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.scanned import cut
from lightship.errors import CorruptInputError
from lightship.layers.codecs import OUTPUT_BYTES, decompressed, sniff
from lightship.layers.scan import Codec

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterable

TEXT = b"".join(b"%d bytes of a layer\n" % number for number in range(20_000))
NOISE = bytes((number * number * 2_654_435_761 >> 7) & 0xFF for number in range(60_000))


def member(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


def named_member(data: bytes) -> bytes:
    """With every optional header field of RFC 1952: extra, name, comment, header checksum."""
    head = b"\x1f\x8b\x08\x1e" + bytes(6) + struct.pack("<H", 5) + b"extra" + b"name\0" + b"note\0"
    head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    return head + member(data)[10:]


def skippable(data: bytes, kind: int = 0) -> bytes:
    return struct.pack("<II", 0x184D2A50 + kind, len(data)) + data


def checked_frame(data: bytes) -> bytes:
    return zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1})


def undone(chunks: Iterable[bytes]) -> tuple[Codec, bytes]:
    codec, stream = decompressed(chunks)
    return codec, b"".join(stream)


WHOLE = {
    "one member": (member(TEXT), TEXT),
    "empty member": (member(b""), b""),
    "members": (member(TEXT) + member(b"") + member(NOISE), TEXT + NOISE),
    "padding": (member(TEXT) + member(b"x") + bytes(1000), TEXT + b"x"),
    "one NUL": (member(TEXT) + b"\0", TEXT),
    "header fields": (named_member(TEXT) + named_member(b"x"), TEXT + b"x"),
    "stored blocks": (gzip.compress(NOISE, 0, mtime=0), NOISE),
    "frame": (zstd.compress(TEXT), TEXT),
    "frames": (checked_frame(TEXT) + zstd.compress(b"") + zstd.compress(NOISE), TEXT + NOISE),
    "skippable": (
        skippable(b"first") + zstd.compress(TEXT) + skippable(b"", 15) + zstd.compress(NOISE)
        + skippable(b"table of contents" * 99, 7),
        TEXT + NOISE,
    ),
    "only skippable": (skippable(b"nothing"), b""),
    "plain": (TEXT, TEXT),
    "short": (b"\x1f", b"\x1f"),
    "nothing": (b"", b""),
}  # fmt: skip
BROKEN = {
    "cut in the data": member(TEXT)[:-20_000],
    "cut in the trailer": member(TEXT)[:-1],
    "cut in the header": member(TEXT)[:7],
    "magic alone": b"\x1f\x8b",
    "second member cut": member(TEXT) + member(NOISE)[:-9],
    "second magic cut": member(TEXT) + b"\x1f\x8b\x08",
    "garbage": member(TEXT) + b"garbage",
    "short garbage": member(TEXT) + b"g",
    "garbage in the padding": member(TEXT) + bytes(100) + b"g" + bytes(100),
    "member behind padding": member(TEXT) + bytes(512) + member(TEXT),
    "frame behind member": member(TEXT) + zstd.compress(TEXT),
    "frame cut": zstd.compress(NOISE)[:-3],
    "second frame cut": zstd.compress(TEXT) + zstd.compress(NOISE)[:-3],
    "skippable cut": zstd.compress(TEXT) + skippable(b"table")[:-1],
    "NULs behind a frame": zstd.compress(TEXT) + bytes(512),
    "member behind frame": zstd.compress(TEXT) + member(TEXT),
    "one byte behind a frame": zstd.compress(TEXT) + b"\x28",
}


@pytest.mark.parametrize(("blob", "plain"), WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize("chunk", [1, 7, 4096, 10**9])
def test_p13_every_member_and_frame_is_read(blob: bytes, plain: bytes, chunk: int) -> None:
    if chunk == 1 and len(blob) > 100_000:
        chunk = 3
    codec, found = undone(cut(blob, range(chunk, len(blob), chunk)))
    assert found == plain
    assert codec is sniff(blob[:4])


HEADER_FIELDS = named_member(b"a member")


@pytest.mark.parametrize("place", range(1, len(HEADER_FIELDS)))
def test_a_gzip_header_may_be_cut_anywhere(place: int) -> None:
    assert undone(cut(HEADER_FIELDS, [place])) == (Codec.GZIP, b"a member")


@pytest.mark.parametrize("blob", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("chunk", [1, 5, 10**9])
def test_damaged_or_followed_by_something_is_refused(blob: bytes, chunk: int) -> None:
    with pytest.raises(CorruptInputError):
        undone(cut(blob, range(chunk, len(blob), chunk)))


@pytest.mark.parametrize("place", [-8, -5, -4, -1], ids=["crc", "crc end", "length", "length end"])
def test_the_trailer_of_a_gzip_member_is_checked(place: int) -> None:
    for before, after in ((b"", b""), (member(b"first"), b""), (b"", member(b"last"))):
        blob = bytearray(member(TEXT))
        blob[place] ^= 1
        with pytest.raises(CorruptInputError):
            undone([before + blob + after])


def test_the_checksum_of_a_zstd_frame_is_checked() -> None:
    blob = bytearray(checked_frame(TEXT))
    blob[-1] ^= 1
    with pytest.raises(CorruptInputError, match="damaged zstd"):
        undone([bytes(blob)])


def test_pieces_are_small_however_well_they_were_compressed() -> None:
    for blob in (member(bytes(5_000_000)), zstd.compress(bytes(5_000_000))):
        _, stream = decompressed([blob])
        lengths = [len(piece) for piece in stream]
        assert sum(lengths) == 5_000_000
        assert max(lengths) <= OUTPUT_BYTES


def test_what_was_read_before_the_damage_is_handed_out_first() -> None:
    _, stream = decompressed([member(NOISE), member(TEXT)[:50]])
    pieces: list[bytes] = []
    with pytest.raises(CorruptInputError, match="ends too soon"):
        pieces.extend(stream)
    assert b"".join(pieces).startswith(NOISE)


@pytest.mark.parametrize(
    ("head", "codec"),
    [
        (b"\x1f\x8b", Codec.GZIP),
        (b"\x1f\x8b\x08\x00", Codec.GZIP),
        (b"\x1f\x8a\x08\x00", Codec.PLAIN),
        (b"\x28\xb5\x2f\xfd", Codec.ZSTD),
        (b"\x50\x2a\x4d\x18", Codec.ZSTD),
        (b"\x5f\x2a\x4d\x18", Codec.ZSTD),
        (b"\x60\x2a\x4d\x18", Codec.PLAIN),
        (b"\x4f\x2a\x4d\x18", Codec.PLAIN),
        (b"", Codec.PLAIN),
    ],
)
def test_m1_the_codec_is_told_by_magic_bytes(head: bytes, codec: Codec) -> None:
    assert sniff(head) is codec


def outcome(chunks: Iterable[bytes]) -> tuple[Codec, bytes] | str:
    try:
        return undone(chunks)
    except CorruptInputError:
        return "refused"


PARTS = st.sampled_from(
    [
        *(member(b""), member(b"ab"), member(NOISE[:5000]), named_member(TEXT[:3000])),
        *(zstd.compress(b""), checked_frame(NOISE[:5000]), skippable(b"x" * 40), skippable(b"")),
        *(bytes(1), bytes(700), b"g", b"\x1f\x8b", member(TEXT[:900])[:-1]),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=5), st.data())
def test_the_outcome_does_not_depend_on_the_cuts(parts: list[bytes], data: st.DataObject) -> None:
    blob = b"".join(parts)
    places = data.draw(st.lists(st.integers(0, len(blob)), max_size=12))
    assert outcome(cut(blob, places)) == outcome([blob])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([member(NOISE[:600]), checked_frame(NOISE[:600])]), st.data())
def test_a_flipped_bit_never_gives_other_bytes(blob: bytes, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, 8 * len(blob) - 1))
    flipped = bytearray(blob)
    flipped[bit // 8] ^= 1 << bit % 8
    if sniff(bytes(flipped[:4])) is sniff(blob[:4]):
        found = outcome([bytes(flipped)])
        # a gzip header's time, flags and system stand outside of every checksum
        assert found in ("refused", outcome([blob]))
