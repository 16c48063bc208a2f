"""Wire bytes of each file: shares of its layer's blob, which add up."""

from __future__ import annotations

import gzip
import io
import random
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec.structs import replace

from independent.rawtar import END, pax, regular
from layers.scanned import ANY, entry_of
from lightship.analysis.wire_files import wire_use
from lightship.filetree.merging import merge
from lightship.layers.reading import Reading, read_layer
from lightship.layers.scan import WireSize
from lightship.layers.wire_map import even_map
from lightship.model.entry import Kind
from lightship.testing import Link, layer_tar

if TYPE_CHECKING:
    from lightship.analysis.ledger import WireUse
    from lightship.layers.scan import LayerScan
    from lightship.testing import Layer

_CHANCE = random.Random(5)  # noqa: S311 # filling, no secret
NOISE = _CHANCE.randbytes(400_000)
TEXT = b"".join(b"%d, " % (number * 7919 % 100_003) for number in range(100_000))


def packed(layer: Layer | bytes) -> LayerScan:
    blob = gzip.compress(layer_tar(layer), 6, mtime=0)
    return read_layer(io.BytesIO(blob), Reading.within(ANY))


def used(*scans: LayerScan) -> WireUse:
    return wire_use(merge([scan.index for scan in scans]), scans)


def slow_shares(scan: LayerScan) -> list[Fraction]:
    """Each record's exact share: byte by byte of the definition, nothing remembered."""
    columns, shares = scan.index.columns, []
    tar, wire = scan.wire_map.tar_offsets, scan.wire_map.wire_offsets
    for entry in range(len(scan.index)):
        stored = scan.index.rarities.stored_bytes.get(entry, columns.content_bytes[entry])
        length = stored if columns.kinds[entry] == Kind.REGULAR else 0
        start = columns.offsets[entry] + columns.header_bytes[entry]
        share = Fraction(0)
        for (left, right), (low, high) in zip(pairwise(tar), pairwise(wire), strict=True):
            inside = min(right, start + length) - max(left, start)
            if inside > 0:
                share += Fraction(inside * (high - low), right - left)
        shares.append(share)
    return shares


def assert_as_slow(scan: LayerScan) -> None:
    use = used(scan)
    exact = slow_shares(scan)
    overhead = scan.wire.wire_bytes - sum(exact, Fraction(0))
    for share, expected in zip([*use.wire_of, use.overhead_of[0]], [*exact, overhead], strict=True):
        assert abs(share - expected) < 1
    assert sum(use.wire_of) + sum(use.overhead_of) == scan.wire.wire_bytes


def test_noise_between_text_gets_its_due() -> None:
    scan = packed({"a": TEXT, "b": NOISE, "c": TEXT[::-1]})
    assert_as_slow(scan)
    use = used(scan)
    assert abs(use.wire_of[1] - len(NOISE)) < 0.03 * len(NOISE)
    assert 0 < use.wire_of[0] < len(TEXT)
    assert use.dead_of == [0]
    assert not use.estimated


def test_many_small_files() -> None:
    layer = {f"d{number % 7}/{number}": TEXT[number : number * 3] for number in range(900)}
    assert_as_slow(packed(layer))


def test_markers_and_links_are_overhead() -> None:
    use = used(packed({"a": NOISE[:5000], "b": Link("a"), "c/.wh.x": NOISE[5000:14000]}))
    assert list(use.wire_of)[1:] == [0, 0]
    assert use.overhead_of[0] > 8000


def test_a_sparse_file_weighs_what_the_tar_stores_of_it() -> None:
    records = {
        b"GNU.sparse.major": b"0",
        b"GNU.sparse.minor": b"1",
        b"GNU.sparse.size": b"90000000",
        b"GNU.sparse.numblocks": b"1",
        b"GNU.sparse.map": b"3,20000",
    }
    scan = packed(pax(records) + regular(b"a", NOISE[:20000]) + regular(b"b", b"x" * 9000) + END)
    assert_as_slow(scan)
    use = used(scan)
    assert 19_000 < use.wire_of[0] < 21_000
    assert use.wire_of[1] < 500


def test_what_is_dead_counts_where_it_was_born() -> None:
    low, high = packed({"a": NOISE[:9000], "b": b"x"}), packed({"a": b"new", ".wh.b": b""})
    use = used(low, high)
    assert use.dead_of[0] == use.wire_of[0] + use.wire_of[1]
    assert use.dead_of[1] == 0


def test_a_blob_that_stands_several_times_weighs_once() -> None:
    layer = packed({"a/x": NOISE[:5000], "a/y": NOISE[5000:9000], "a/z": NOISE[9000:12000]})
    cut = packed({"a/.wh.x": b"", "a/.wh.z": b""})
    again = packed({"a/.wh.z": b""})
    use = used(layer, cut, layer, again)
    x, y, z = (entry_of(layer.index, b"a/" + name) for name in (b"x", b"y", b"z"))
    below = len(layer.index) + len(cut.index)
    assert use.wire_of[x] == 0
    assert use.wire_of[below + x] > 4000  # visible only there
    # Each record above replaces the one below, also where the content is the same.
    assert use.wire_of[y] == 0
    assert use.wire_of[below + y] > 3000
    assert use.wire_of[z] > 2500  # visible nowhere
    assert use.wire_of[below + z] == 0
    assert list(use.dead_of) == [use.wire_of[z], 0, 0, 0]
    assert use.overhead_of[2] == 0
    total = sum(use.wire_of) + sum(use.overhead_of)
    assert total == sum(scan.wire.wire_bytes for scan in (layer, cut, again))


def test_the_largest_remainders_are_rounded_up_of_equal_ones_the_first() -> None:
    scan = packed({"a": b"x" * 512, "b": b"x" * 512, "c": b"x" * 512})
    tar_bytes = scan.index.tar_bytes
    for wire_bytes in (0, 1, 2, 3, 7, 20, 21, 22, 23):
        even = replace(scan, wire=WireSize(wire_bytes), wire_map=even_map(tar_bytes, wire_bytes))
        assert_as_slow(even)
        a, b, c = used(even).wire_of
        assert a >= b >= c >= a - 1


def test_no_layers() -> None:
    use = used()
    assert (list(use.wire_of), use.dead_of, use.overhead_of) == ([], [], [])
    assert not use.estimated
