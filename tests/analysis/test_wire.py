from __future__ import annotations

import gzip
import io

import pytest

from layers.scanned import read
from lightship.analysis.pulling import DEFAULT_BANDWIDTH, pull_time
from lightship.analysis.wire import image_wire
from lightship.layers.limits import Limits
from lightship.layers.reading import Reading, read_layer
from lightship.layers.scan import LayerScan, WireSize
from lightship.testing import layer_tar

CONFIG = b'{"os":"linux"}'
LONG = layer_tar({"a": b"".join(b"%d\n" % number for number in range(300_000))})


def packed(tar: bytes, level: int = 6) -> LayerScan:
    blob = gzip.compress(tar, level, mtime=0)
    return read_layer(io.BytesIO(blob), Reading.within(Limits()))


ONE, TWO = packed(layer_tar({"a": b"x" * 5000})), packed(layer_tar({"b": b"y" * 9000}))


def test_config_and_layers_add_up() -> None:
    expected = len(CONFIG) + ONE.stored_bytes + TWO.stored_bytes
    assert image_wire(CONFIG, [ONE, TWO]) == WireSize(expected)


def test_no_config_and_no_layers() -> None:
    assert image_wire(None, []) == WireSize(0)
    assert image_wire(None, [ONE]) == WireSize(ONE.stored_bytes)


def test_the_same_blob_twice_is_pulled_once() -> None:
    assert image_wire(None, [ONE, TWO, ONE]) == image_wire(None, [ONE, TWO])


def test_one_tar_compressed_in_two_ways_is_two_blobs() -> None:
    other = packed(layer_tar({"a": b"x" * 5000}), level=1)
    assert other.diff_id == ONE.diff_id
    assert other.digest != ONE.digest
    expected = ONE.stored_bytes + other.stored_bytes
    assert image_wire(None, [ONE, other]) == WireSize(expected)


def test_estimates_make_the_whole_one_and_their_errors_add_as_squares() -> None:
    first, second = read(LONG), read(LONG + bytes(512))
    assert first.wire.estimated
    both = image_wire(CONFIG, [first, second, ONE])
    assert both.estimated
    assert both.wire_bytes == (
        len(CONFIG) + first.wire.wire_bytes + second.wire.wire_bytes + ONE.stored_bytes
    )
    squares = first.wire.error_bytes**2 + second.wire.error_bytes**2
    assert (both.error_bytes - 1) ** 2 < squares <= both.error_bytes**2
    assert image_wire(CONFIG, [first, first]).error_bytes == first.wire.error_bytes


def test_pulling_takes_time_for_bytes_and_for_files() -> None:
    time = pull_time(25_000_000, 370_000_000, 1000, bandwidth=12_500_000)
    assert time.bandwidth_bytes_per_second == 12_500_000
    assert time.download_seconds == 2.0
    assert time.unpack_seconds == pytest.approx(2.06)
    assert pull_time(1, 1, 1).bandwidth_bytes_per_second == DEFAULT_BANDWIDTH
    nothing = pull_time(0, 0, 0)
    assert (nothing.download_seconds, nothing.unpack_seconds) == (0, 0)
