from __future__ import annotations

import gzip
import io
import os
import random
import subprocess
import sys
import sysconfig
import zlib
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.blobs import compressed, undone
from layers.scanned import cut, pieces
from lightship.errors import UsageError
from lightship.layers.codecs import sniff
from lightship.layers.compressing import Compression, checked_level, compressor
from lightship.layers.estimating import ExactWire
from lightship.layers.gzip_members import MEMBER_BYTES
from lightship.layers.limits import Limits
from lightship.layers.reading import Reading, read_layer
from lightship.layers.scan import Codec
from lightship.layers.zstd_frames import JOB_BYTES
from lightship.model.digest import Digest
from lightship.testing import layer_tar

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterable


TEXT = b"".join(b"line %d of a text that compresses\n" % number for number in range(300_000))
LONG = TEXT[: 2 * JOB_BYTES + 1]
LENGTHS = {
    Codec.PLAIN: [0, 1, 100_000],
    Codec.GZIP: [0, 1, 1000, MEMBER_BYTES - 1, MEMBER_BYTES, MEMBER_BYTES + 1, 3 * MEMBER_BYTES],
    Codec.ZSTD: [0, 1, 1000, 600_000, JOB_BYTES, JOB_BYTES + 1, 2 * JOB_BYTES, len(LONG)],
}
SIZED = [(codec, length) for codec, lengths in LENGTHS.items() for length in lengths]


@pytest.mark.parametrize(("codec", "length"), SIZED)
def test_what_goes_in_comes_out(codec: Codec, length: int) -> None:
    blob = compressed(Compression(codec), pieces(TEXT[:length], 262_144))
    assert undone(blob) == TEXT[:length]
    if length:
        assert sniff(blob) is codec
    if codec is Codec.GZIP:
        assert gzip.decompress(blob) == TEXT[:length]
    if codec is Codec.ZSTD:
        assert zstd.decompress(blob) == TEXT[:length]


@pytest.mark.parametrize(("codec", "length"), SIZED)
@pytest.mark.parametrize("piece", [70_000, MEMBER_BYTES, 10**8])
def test_the_bytes_do_not_depend_on_the_pieces(codec: Codec, length: int, piece: int) -> None:
    one = compressed(Compression(codec), [TEXT[:length]])
    assert compressed(Compression(codec), [b"", *pieces(TEXT[:length], piece), b""]) == one


@cache
def expected(codec: Codec) -> bytes:
    """What `LONG` comes to, written in one piece."""
    return compressed(Compression(codec), [LONG])


@pytest.mark.parametrize("codec", list(Codec))
@settings(max_examples=25, deadline=None)
@given(places=st.lists(st.integers(0, len(LONG)), max_size=12))
def test_the_bytes_do_not_depend_on_the_cuts(codec: Codec, places: list[int]) -> None:
    assert compressed(Compression(codec), cut(LONG, places)) == expected(codec)


@pytest.mark.parametrize("codec", list(Codec))
def test_a_piece_is_the_callers_again_after_write(codec: Codec) -> None:
    room = bytearray(262_144)

    def reused() -> Iterable[memoryview]:
        stream = io.BytesIO(LONG)
        while count := stream.readinto(room):
            yield memoryview(room)[:count]
            room[:] = b"\xaa" * len(room)

    blob = bytearray()
    with closing(compressor(Compression(codec), blob.extend)) as sink:
        for piece in reused():
            sink.write(piece)
        sink.finish()
    assert bytes(blob) == expected(codec)


def test_nothing_makes_one_member_and_one_frame() -> None:
    member = compressed(Compression(Codec.GZIP), [])
    assert gzip.decompress(member) == b""
    assert len(member) == 10 + 5 + 8  # header, an empty stored block, checksum and length
    assert zstd.decompress(compressed(Compression(Codec.ZSTD), [])) == b""
    assert compressed(Compression(Codec.PLAIN), []) == b""


@pytest.mark.parametrize("length", LENGTHS[Codec.GZIP])
def test_members_tell_no_time_and_no_name(length: int) -> None:
    rest, members = compressed(Compression(Codec.GZIP), [TEXT[:length]]), 0
    while rest:
        # No flags, so nothing optional; time 0; level 6 is neither the best nor the fastest;
        # an unknown system.
        assert rest[:10] == b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
        decoder = zlib.decompressobj(wbits=31)
        assert len(decoder.decompress(rest)) == min(length - members * MEMBER_BYTES, MEMBER_BYTES)
        rest, members = decoder.unused_data, members + 1
    assert members == max(1, -(-length // MEMBER_BYTES))


def test_the_exact_estimate_is_what_is_written() -> None:
    meter = ExactWire()
    meter.update(TEXT)
    assert meter.result().wire_bytes == len(compressed(Compression(Codec.GZIP), [TEXT]))


@pytest.mark.parametrize("level", range(1, 13))
def test_every_level_of_gzip(level: int) -> None:
    content = TEXT[: MEMBER_BYTES + 1]
    blob = compressed(Compression(Codec.GZIP, level), [content])
    assert gzip.decompress(blob) == content
    assert len(blob) < len(gzip.compress(content, 1))


def window_bytes(frame: bytes) -> int:
    """RFC 8878, 3.1.1.1.2, of a frame that does not tell its content's length."""
    assert not frame[4] & 0b1110_0000
    exponent, mantissa = divmod(frame[5], 8)
    return (1 << 10 + exponent) * (8 + mantissa) // 8


@pytest.mark.parametrize("level", range(1, 23))
def test_every_level_of_zstd_is_read_by_a_decoder_that_nobody_told_anything(level: int) -> None:
    content = bytes(JOB_BYTES) + b"x"
    blob = compressed(Compression(Codec.ZSTD, level), [content])
    assert window_bytes(blob) <= 1 << 27
    assert zstd.decompress(blob) == content


def test_higher_levels_are_smaller() -> None:
    sources = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[:40]
    content = layer_tar({source.name: source.read_bytes() for source in sources})
    for codec, levels in ((Codec.GZIP, (1, 6, 12)), (Codec.ZSTD, (1, 3, 9, 19))):
        sizes = [len(compressed(Compression(codec, level), [content])) for level in levels]
        assert sizes == sorted(sizes, reverse=True)
        assert len(set(sizes)) == len(sizes)


@pytest.mark.parametrize("level", [1, 9, 10])
def test_what_lies_far_apart_is_found(level: int) -> None:
    noise = random.Random(7).randbytes(2 * JOB_BYTES)  # noqa: S311 - not for secrets
    size = len(compressed(Compression(Codec.ZSTD, level), [noise, noise]))
    assert size == pytest.approx(len(noise), rel=0.01)


@pytest.mark.parametrize("length", [0, 1000, JOB_BYTES, JOB_BYTES + 1])
def test_a_frame_has_a_checksum(length: int) -> None:
    blob = compressed(Compression(Codec.ZSTD), [TEXT[:length]])
    assert blob[4] & 0b100
    broken = blob[:-1] + bytes((blob[-1] ^ 1,))
    with pytest.raises(zstd.ZstdError, match="checksum"):
        zstd.decompress(broken)


def test_a_short_layer_asks_no_more_memory_of_readers_than_its_length() -> None:
    blob = compressed(Compression(Codec.ZSTD, 22), pieces(TEXT[:50_000], 9_999))
    assert zstd.get_frame_info(blob).decompressed_size == 50_000


@pytest.mark.parametrize("codec", list(Codec))
def test_a_written_layer_is_read_as_what_it_was(codec: Codec) -> None:
    tar = layer_tar({"a": TEXT, "b": b"\0" * 3_000_000})
    blob = compressed(Compression(codec), pieces(tar, 262_144))
    scan = read_layer(io.BytesIO(blob), Reading.within(Limits()))
    assert scan.codec is codec
    assert scan.diff_id == Digest.of(tar)
    assert scan.digest == Digest.of(blob)
    assert len(scan.index) == 2


@pytest.mark.system("zstd")
@pytest.mark.parametrize("level", [3, 12])
def test_the_zstd_program_reads_it(tmp_path: Path, level: int) -> None:
    file = tmp_path / "layer.zst"
    file.write_bytes(compressed(Compression(Codec.ZSTD, level), [LONG]))
    subprocess.run(["zstd", "--test", file], check=True)
    told = subprocess.run(["zstd", "-dc", file], check=True, capture_output=True)
    assert told.stdout == LONG


def test_the_gzip_program_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "layer.gz"
    file.write_bytes(compressed(Compression(Codec.GZIP), [LONG]))
    subprocess.run(["gzip", "--test", file], check=True)
    told = subprocess.run(["gzip", "-dc", file], check=True, capture_output=True)
    assert told.stdout == LONG


def test_a_system_that_does_not_tell_which_cores_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert compressed(Compression(Codec.GZIP), [LONG]) == expected(Codec.GZIP)


@pytest.mark.parametrize(
    ("codec", "level", "answer"),
    [
        (Codec.GZIP, None, 6), (Codec.GZIP, 1, 1), (Codec.GZIP, 12, 12),
        (Codec.ZSTD, None, 3), (Codec.ZSTD, 1, 1), (Codec.ZSTD, 22, 22),
        (Codec.PLAIN, None, 0),
    ],
)  # fmt: skip
def test_levels_there_are(codec: Codec, level: int | None, answer: int) -> None:
    assert checked_level(codec, level) == answer


@pytest.mark.parametrize(
    ("codec", "level", "told"),
    [
        (Codec.GZIP, 0, "gzip has levels from 1 to 12, not 0"),
        (Codec.GZIP, 13, "gzip has levels from 1 to 12, not 13"),
        (Codec.ZSTD, 23, "zstd has levels from 1 to 22, not 23"),
        (Codec.ZSTD, -5, "zstd has levels from 1 to 22, not -5"),
        (Codec.PLAIN, 6, "plain layers are not compressed: there is no level 6"),
    ],
)
def test_levels_there_are_not(codec: Codec, level: int, told: str) -> None:
    with pytest.raises(UsageError, match=f"^{told}$"):
        checked_level(codec, level)
