"""Where in a compressed layer its tar lies: checkpoints, and what the cache keeps of them."""

from __future__ import annotations

import gzip
import io
import random
import sys
import zlib
from array import array
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.scanned import ANY
from lightship.layers.gzip_members import compressed_member
from lightship.layers.reading import Reading, read_layer
from lightship.layers.scan import MAX_CHECKPOINT_BYTES, WireMap
from lightship.layers.wire_map import even_map, map_from_bytes, map_to_bytes
from lightship.testing import layer_tar

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.layers.scan import LayerScan

_CHANCE = random.Random(4)  # noqa: S311 # filling, no secret
NOISE = _CHANCE.randbytes(1_500_000)
TEXT = b"".join(b"line %d of a log\n" % (number * 7919 % 100_003) for number in range(60_000))
TAR = layer_tar({"a": TEXT, "b": NOISE, "c": TEXT[::-1]})


def in_parts(compress: Callable[[bytes], bytes], length: int) -> bytes:
    """The tar in members or frames of their own."""
    parts = range(0, len(TAR), length)
    return b"".join(compress(TAR[start : start + length]) for start in parts)


BLOBS = {
    "gzip": gzip.compress(TAR, 6, mtime=0),
    "members": in_parts(compressed_member, 400_000),
    "small members": in_parts(compressed_member, 700),
    "zstd": zstd.compress(TAR),
    "frames": in_parts(zstd.compress, 300_000),
    "padded": gzip.compress(TAR, 6, mtime=0) + bytes(3000),
}


def read(blob: bytes, **options: object) -> LayerScan:
    return read_layer(io.BytesIO(blob), Reading.within(ANY, **options))


def position(wire_map: WireMap, tar_offset: int) -> float:
    """Interpolated, the slow way."""
    columns = zip(pairwise(wire_map.tar_offsets), pairwise(wire_map.wire_offsets), strict=True)
    for (start, stop), (wire_start, wire_stop) in columns:
        if start <= tar_offset < stop:
            share = (tar_offset - start) / (stop - start)
            return wire_start + share * (wire_stop - wire_start)
    return wire_map.wire_offsets[-1]


def checked(scan: LayerScan) -> WireMap:
    found = scan.wire_map
    assert len(found.tar_offsets) == len(found.wire_offsets)
    assert (found.tar_offsets[0], found.wire_offsets[0]) == (0, 0)
    assert found.tar_offsets[-1] == scan.index.tar_bytes
    assert found.wire_offsets[-1] == scan.wire.wire_bytes
    for column in (found.tar_offsets, found.wire_offsets):
        assert all(before <= after for before, after in pairwise(column))
    return found


@pytest.mark.parametrize("codec", BLOBS)
def test_checkpoints_of_real_blobs(codec: str) -> None:
    scan = read(BLOBS[codec])
    found = checked(scan)
    most = MAX_CHECKPOINT_BYTES * (3 if codec in ("zstd", "frames") else 1)
    assert max(after - before for before, after in pairwise(found.wire_offsets)) <= most
    assert len(found.wire_offsets) < 1200


@pytest.mark.parametrize("codec", BLOBS)
def test_noise_between_text_gets_its_due(codec: str) -> None:
    """Random bytes do not compress: they weigh on the wire what they weigh."""
    scan = read(BLOBS[codec])
    start = TAR.index(NOISE)
    weight = position(scan.wire_map, start + len(NOISE)) - position(scan.wire_map, start)
    assert abs(weight - len(NOISE)) < len(NOISE) * 0.04


def test_a_checkpoint_is_where_a_decoder_stands() -> None:
    """What zlib gives out for so many compressed bytes, but for what it holds back."""
    blob = BLOBS["gzip"]
    found = checked(read(blob))
    for tar_offset, wire_offset in zip(found.tar_offsets, found.wire_offsets, strict=True):
        out = len(zlib.decompressobj(31).decompress(blob[:wire_offset]))
        assert abs(out - tar_offset) < 2048


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("tar", [TAR, layer_tar({"a": TEXT[:90_000], "b": NOISE[:90_000]}), b""])
def test_plain_layers(tar: bytes, exact: bool) -> None:
    checked(read(tar, exact_wire=exact))
    same = read(tar, stores_wire_blobs=True)
    assert checked(same) == even_map(len(tar), len(tar))


def test_an_exact_map_knows_noise_from_text() -> None:
    scan = read(TAR, exact_wire=True)
    start = TAR.index(NOISE)
    weight = position(scan.wire_map, start + len(NOISE)) - position(scan.wire_map, start)
    assert abs(weight - len(NOISE)) < len(NOISE) * 0.02


def test_a_sampled_map_knows_noise_from_text() -> None:
    tar = layer_tar({"a": TEXT * 20, "b": NOISE * 10, "c": TEXT * 20})
    scan = read(tar)
    assert scan.wire.estimated
    start = tar.index(NOISE)
    stop = start + 10 * len(NOISE)
    found = checked(scan)
    weight = position(found, stop) - position(found, start)
    assert abs(weight - (stop - start)) < (stop - start) * 0.2


def test_the_same_blob_has_the_same_map_in_a_thread_and_without() -> None:
    reading = Reading.within(ANY)
    scans = [read_layer(io.BytesIO(BLOBS["gzip"]), reading, pipelined=way) for way in (True, False)]
    assert scans[0].wire_map == scans[1].wire_map


class Dripping(io.BytesIO):
    """Gives a few bytes at a time, as a pipe may."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 1, 1733) if size != -1 else 1733)


@pytest.mark.parametrize("codec", ["gzip", "zstd", "members", "frames", "padded"])
def test_the_same_blob_has_the_same_map_however_it_arrives(codec: str) -> None:
    dripped = read_layer(Dripping(BLOBS[codec]), Reading.within(ANY))
    assert dripped.wire_map == read(BLOBS[codec]).wire_map


@given(st.lists(st.tuples(st.integers(0, 2**40), st.integers(0, 2**40)), min_size=1))
def test_what_is_kept_is_read_back(steps: list[tuple[int, int]]) -> None:
    tar, wire = array("Q", [0]), array("Q", [0])
    for tar_step, wire_step in steps:
        tar.append(tar[-1] + tar_step)
        wire.append(wire[-1] + wire_step)
    kept = map_to_bytes(WireMap(tar, wire))
    again = map_from_bytes(kept, tar_bytes=tar[-1], wire_bytes=wire[-1])
    assert again == WireMap(tar, wire)
    for other in ((tar[-1] + 1, wire[-1]), (tar[-1], wire[-1] + 1)):
        with pytest.raises(ValueError, match="another blob"):
            map_from_bytes(kept, tar_bytes=other[0], wire_bytes=other[1])


@given(st.binary(max_size=60))
def test_what_is_no_map_is_refused(data: bytes) -> None:
    for damaged in (data, zlib.compress(data)):
        with pytest.raises(ValueError, match=r"damaged|length|another blob|item size"):
            map_from_bytes(damaged, tar_bytes=10**6, wire_bytes=10**5)


def test_a_large_map_is_small_in_the_cache() -> None:
    found = read(BLOBS["gzip"]).wire_map
    assert len(map_to_bytes(found)) < 8 * len(found.tar_offsets)
