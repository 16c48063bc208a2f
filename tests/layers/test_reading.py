from __future__ import annotations

import gzip
import io
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from layers.local import Heard
from layers.scanned import scan
from lightship.errors import CorruptInputError
from lightship.layers.limits import Limits
from lightship.layers.reading import Reading, read_layer
from lightship.layers.scan import Codec, WireSize
from lightship.model.digest import Digest
from lightship.testing import layer_tar

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.layers.scan import LayerScan

TAR = layer_tar({"a": b"a" * 700_000, "b/c": b"".join(b"%d\n" % n for n in range(90_000))})
BLOBS = {
    Codec.PLAIN: TAR + b"behind the end",
    Codec.GZIP: gzip.compress(TAR[:500_000], mtime=0) + gzip.compress(TAR[500_000:], mtime=0),
    Codec.ZSTD: zstd.compress(TAR),
}


class Seen(io.BytesIO):
    """A stream that notes which threads read it."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.threads: set[str] = set()

    def read(self, count: int | None = -1, /) -> bytes:
        self.threads.add(threading.current_thread().name)
        return super().read(count)


def done(blob: bytes, *, pipelined: bool = True, **options: object) -> LayerScan:
    return read_layer(io.BytesIO(blob), Reading.within(Limits(), **options), pipelined=pipelined)


@pytest.mark.parametrize("codec", list(Codec))
def test_both_identities_and_the_index_in_one_pass(codec: Codec) -> None:
    blob = BLOBS[codec]
    tar = blob if codec is Codec.PLAIN else TAR
    found = done(blob)
    assert found.codec is codec
    assert found.digest == Digest.of(blob)
    assert found.diff_id == Digest.of(tar)
    assert found.stored_bytes == len(blob)
    assert found.index == scan(tar)
    assert found.verified == "read"


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.ZSTD])
def test_a_compressed_blob_weighs_itself(codec: Codec) -> None:
    for exact in (True, False):
        assert done(BLOBS[codec], exact_wire=exact).wire == WireSize(len(BLOBS[codec]))


@pytest.mark.parametrize("codec", list(Codec))
def test_a_second_thread_changes_nothing(codec: Codec) -> None:
    scans = []
    for pipelined in (True, False):
        stream, heard = Seen(BLOBS[codec]), Heard()
        reading = Reading.within(Limits(), progress=heard)
        scans.append(read_layer(stream, reading, pipelined=pipelined))
        assert (stream.threads == {"MainThread"}) is not pipelined
        assert heard.done == len(BLOBS[codec])
    assert scans[0] == scans[1]


@pytest.mark.parametrize("pipelined", [True, False])
@pytest.mark.parametrize("blob", [TAR[:-30_000], BLOBS[Codec.GZIP][:-9], b"no tar" * 200])
def test_failures_are_the_same_with_and_without_a_thread(blob: bytes, pipelined: bool) -> None:
    before = threading.active_count()
    with pytest.raises(CorruptInputError):
        done(blob, pipelined=pipelined)
    assert threading.active_count() == before


def test_reading_that_was_given_up_stops() -> None:
    reading = Reading.within(Limits())
    reading.allowance.withdraw()
    with pytest.raises(InterruptedError):
        read_layer(io.BytesIO(TAR), reading)


def test_a_bomb_is_stopped_while_it_goes_off() -> None:
    """What is left to unpack is counted as it comes, not when all of it is there."""
    bomb = gzip.compress(bytes(50_000_000), mtime=0)
    stream = io.BytesIO(b"".join(_members(bomb)))
    with pytest.raises(CorruptInputError, match="--max-unpacked"):
        read_layer(stream, Reading.within(Limits(max_unpacked_bytes=60_000_000)))
    assert stream.tell() < 20 * len(bomb)


def _members(bomb: bytes) -> Iterator[bytes]:
    yield gzip.compress(layer_tar({"a": b"x"})[:-9216], mtime=0)
    yield from [bomb] * 100
