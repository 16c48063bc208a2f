from __future__ import annotations

import gzip
import hashlib
import io
import os
import threading
import time
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from independent.rawtar import END, header, pax, regular
from layers.local import Heard, LocalLayer, MemoryLayer, memory_layer, read_all
from layers.scanned import scan
from lightship.errors import CorruptInputError
from lightship.layers import cache as cache_module
from lightship.layers.cache import Cache, CachePlace
from lightship.layers.estimating import ExactWire
from lightship.layers.limits import Limits
from lightship.layers.scan import Codec, WireSize
from lightship.layers.wire_map import even_map
from lightship.model.digest import Digest
from lightship.testing import layer_tar

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.layers.scan import LayerScan

LONG = layer_tar({"text": b"".join(b"line %d\n" % number for number in range(200_000))})


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """A cache that remembers also files made just now."""
    monkeypatch.setattr(cache_module, "_SETTLED_NS", 0)
    return Cache(CachePlace(tmp_path / "cache"))


@pytest.fixture
def layers(tmp_path: Path) -> list[LocalLayer]:
    """Three layers of different sizes and codecs, which claim nothing."""
    tars = [layer_tar({f"{n}": b"x" * n * 30_000}) for n in (1, 3, 2)]
    blobs = [tars[0], gzip.compress(tars[1], mtime=0), tars[2]]
    found = []
    for position, blob in enumerate(blobs, 1):
        path = tmp_path / f"layer-{position}"
        path.write_bytes(blob)
        found.append(LocalLayer(path, position))
    return found


def exact(tar: bytes) -> WireSize:
    meter = ExactWire()
    meter.update(tar)
    return meter.result()


# What an image claims of its layers.


def claim(layer: LocalLayer) -> None:
    """Everything that is true."""
    blob = layer.path.read_bytes()
    tar = gzip.decompress(blob) if blob.startswith(b"\x1f\x8b") else blob
    layer.digest, layer.diff_id = Digest.of(blob), Digest.of(tar)
    layer.claimed_bytes = len(blob)


def test_scans_come_in_the_order_of_the_layers(layers: list[LocalLayer]) -> None:
    for layer in layers:
        claim(layer)
    scans = read_all(*layers)
    assert [scan.digest for scan in scans] == [layer.digest for layer in layers]
    assert [scan.diff_id for scan in scans] == [layer.diff_id for layer in layers]
    assert [scan.codec for scan in scans] == [Codec.PLAIN, Codec.GZIP, Codec.PLAIN]
    assert [scan.stored_bytes for scan in scans] == [layer.claimed_bytes for layer in layers]


def test_no_layers_at_all(cache: Cache) -> None:
    assert read_all(cache=cache) == []


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("digest", Digest.of(b"else"), "digest"),
        ("diff_id", Digest.of(b"else"), "diff ID"),
        ("claimed_bytes", 5, "size"),
    ],
)
def test_a_wrong_claim_names_the_layer(
    layers: list[LocalLayer], cache: Cache, field: str, value: object, said: str, *, cached: bool
) -> None:
    for layer in layers:
        claim(layer)
    if cached:
        read_all(*layers, cache=cache)
    setattr(layers[1], field, value)
    with pytest.raises(CorruptInputError, match=f"layer 2 .*has the {said} ") as caught:
        read_all(*layers, cache=cache)
    assert str(value) in str(caught.value)
    assert caught.value.exit_code == 4


def test_a_digest_may_be_of_sha512(layers: list[LocalLayer]) -> None:
    blob = layers[1].path.read_bytes()
    layers[1].digest = Digest(f"sha512:{hashlib.sha512(blob).hexdigest()}")
    scans = read_all(*layers)
    assert scans[1].digest == layers[1].digest
    assert scans[1].diff_id == Digest.of(gzip.decompress(blob))
    layers[0].digest = Digest(f"sha512:{hashlib.sha512(b'').hexdigest()}")
    with pytest.raises(CorruptInputError, match=r"layer 1 .*sha512"):
        read_all(*layers)


def test_one_file_may_have_digests_of_two_algorithms(
    layers: list[LocalLayer], cache: Cache
) -> None:
    blob = layers[0].path.read_bytes()
    for digest in (Digest.of(blob), Digest(f"sha512:{hashlib.sha512(blob).hexdigest()}")):
        (found,) = read_all(LocalLayer(layers[0].path, digest=digest), cache=cache)
        assert found.digest == digest


def test_a_layer_that_is_damaged_is_named(layers: list[LocalLayer]) -> None:
    blob = layers[1].path.read_bytes()
    layers[1].path.write_bytes(blob[:-5])
    with pytest.raises(CorruptInputError, match=r"layer 2: .*ends too soon"):
        read_all(*layers)
    layers[1].digest = Digest.of(blob)
    with pytest.raises(CorruptInputError, match=rf"layer 2 \({layers[1].digest.short}\): "):
        read_all(*layers)


def test_a_layer_that_cannot_be_opened_is_named(layers: list[LocalLayer]) -> None:
    class Missing(LocalLayer):
        def open(self) -> io.BufferedReader:
            raise OSError("Input/output error")

    with pytest.raises(CorruptInputError, match=r"layer 2 cannot be read .*output error"):
        read_all(layers[0], Missing(layers[1].path, 2))


# Read once.


@pytest.mark.parametrize("claims", [True, False])
def test_c1_a_layer_listed_twice_is_read_once(layers: list[LocalLayer], claims: bool) -> None:
    twice = [layers[0], layers[1], LocalLayer(layers[0].path, 3), LocalLayer(layers[0].path, 4)]
    if claims:
        for layer in twice:
            claim(layer)
    scans = read_all(*twice)
    assert scans[0] == scans[2] == scans[3] != scans[1]
    assert sum(layer.opened for layer in twice) == 2


def test_c1_each_position_is_held_to_its_own_claims(layers: list[LocalLayer]) -> None:
    again = LocalLayer(layers[0].path, 2)
    for layer in (layers[0], again):
        claim(layer)
    again.diff_id = Digest.of(b"else")
    with pytest.raises(CorruptInputError, match=r"layer 2 .*diff ID"):
        read_all(layers[0], again)


def test_layers_of_which_nothing_is_known_are_read_each() -> None:
    tar = layer_tar({"a": b"x"})
    first, second = read_all(memory_layer(tar), memory_layer(tar, 2))
    assert first == second


# What compressed layers weigh.


@pytest.fixture
def long_layer(tmp_path: Path) -> LocalLayer:
    path = tmp_path / "long.tar"
    path.write_bytes(LONG)
    return LocalLayer(path)


def test_an_exact_request_after_an_estimate_reads_again(
    long_layer: LocalLayer, cache: Cache
) -> None:
    (estimate,) = read_all(long_layer, cache=cache)
    assert estimate.wire.estimated
    (precise,) = read_all(long_layer, cache=cache, exact_wire=True)
    assert (precise.verified, precise.wire) == ("read", exact(LONG))
    for exact_wire in (True, False):
        (after,) = read_all(long_layer, cache=cache, exact_wire=exact_wire)
        assert (after.verified, after.wire) == ("cached", exact(LONG))


def test_what_is_compressed_needs_no_exact_reading(layers: list[LocalLayer], cache: Cache) -> None:
    (first,) = read_all(layers[1], cache=cache)
    assert first.wire == WireSize(layers[1].path.stat().st_size)
    (second,) = read_all(layers[1], cache=cache, exact_wire=True)
    assert second == replace(first, verified="cached")


def test_a_plain_blob_weighs_itself_only_where_a_registry_stores_it(
    long_layer: LocalLayer, cache: Cache
) -> None:
    """The cache must not mix up the two meanings, whichever comes first."""
    for _ in range(2):
        (stored,) = read_all(long_layer, cache=cache, stores_wire_blobs=True)
        assert stored.wire == WireSize(len(LONG))
        (written,) = read_all(long_layer, cache=cache)
        assert written.wire.estimated
        assert written.wire.wire_bytes < len(LONG) / 2


# Progress.


@pytest.mark.parametrize("jobs", [1, 3])
def test_progress_adds_up_read_or_cached(layers: list[LocalLayer], cache: Cache, jobs: int) -> None:
    again = LocalLayer(layers[0].path, 4)
    total = sum(layer.path.stat().st_size for layer in layers)
    for _ in range(2):
        heard = Heard()
        read_all(*layers, again, cache=cache, progress=heard, jobs=jobs)
        assert (heard.totals, heard.done, heard.ended) == ([total], total, 1)


def test_progress_knows_no_total_where_a_size_is_not_known(layers: list[LocalLayer]) -> None:
    heard = Heard()
    unknown = memory_layer(layer_tar({"a": b""}), 4)
    unknown.stored_bytes = None
    read_all(*layers, unknown, progress=heard)
    assert heard.totals == [None]


def test_progress_ends_also_when_reading_fails(layers: list[LocalLayer]) -> None:
    layers[0].path.write_bytes(b"no tar" * 200)
    heard = Heard()
    with pytest.raises(CorruptInputError):
        read_all(*layers, progress=heard)
    assert heard.ended == 1


# Failing and limits.


class Slow(io.RawIOBase):
    """An endless layer, read a file at a time."""

    def __init__(self) -> None:
        self.reads = 0
        self.stopped = threading.Event()

    def read(self, _count: int = -1) -> bytes:
        self.reads += 1
        if self.stopped.wait(0.005):
            raise AssertionError("nobody stopped reading")
        return regular(b"%d" % self.reads, b"x" * 100)


@pytest.mark.parametrize("slow_first", [True, False])
def test_a_failing_layer_stops_the_others(slow_first: bool) -> None:
    slow = Slow()
    threading.Timer(20, slow.stopped.set).start()
    endless = MemoryLayer(slow, 1, stored_bytes=10**9 if slow_first else 1)  # type: ignore[arg-type]
    broken = memory_layer(b"no tar at all" * 100_000, 2)
    begun = time.monotonic()
    with pytest.raises(CorruptInputError, match=r"layer 2: .*byte 0"):
        read_all(endless, broken, jobs=2)
    slow.stopped.set()
    assert time.monotonic() - begun < 10
    assert slow.reads < 1000


def test_a_failing_layer_leaves_no_thread(layers: list[LocalLayer]) -> None:
    before = set(threading.enumerate())
    layers[2].path.write_bytes(b"no tar" * 200)
    with pytest.raises(CorruptInputError, match="layer 3"):
        read_all(*layers, jobs=3)
    assert set(threading.enumerate()) <= before


def test_after_a_failure_little_of_the_rest_is_read(tmp_path: Path) -> None:
    content_bytes = 30_000_000
    found = []
    for position in range(1, 6):
        path = tmp_path / f"{position}"
        path.write_bytes(b"no tar" if position == 1 else header(b"holes", size=content_bytes))
        os.truncate(path, 512 * (1 + -(-content_bytes // 512)) + (position == 1))
        found.append(LocalLayer(path, position))
    heard = Heard()
    with pytest.raises(CorruptInputError, match="layer 1"):
        read_all(*found, jobs=1, progress=heard)
    assert heard.done < len(found) * 3_000_000


def test_all_layers_together_may_unpack_to_so_much(layers: list[LocalLayer]) -> None:
    total = sum(one.index.tar_bytes for one in read_all(*layers))
    read_all(*layers, limits=Limits(max_unpacked_bytes=total))
    with pytest.raises(CorruptInputError, match="--max-unpacked"):
        read_all(*layers, limits=Limits(max_unpacked_bytes=total - 1))


HOLE = pax(
    {
        b"GNU.sparse.major": b"1",
        b"GNU.sparse.minor": b"0",
        b"GNU.sparse.realsize": b"1000000",
    }
) + regular(b"hole", b"0\n".ljust(512, b"\0"))
LIMITS = {
    "max_unpacked_bytes": (regular(b"a", b"x" * 5000) + END, 5000),
    "max_entries": (regular(b"a") + regular(b"b") + END, 1),
    "max_depth": (regular(b"a/b/c/d") + END, 2),
    "holes": (HOLE + END, 500_000),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_cached_layer_is_held_to_the_same_limits(tmp_path: Path, cache: Cache, name: str) -> None:
    tar, most = LIMITS[name]
    (tmp_path / "layer").write_bytes(tar)
    layer = LocalLayer(tmp_path / "layer")
    limits = Limits(**{"max_unpacked_bytes" if name == "holes" else name: most})
    with pytest.raises(CorruptInputError):
        read_all(layer, limits=limits)
    read_all(layer, cache=cache)
    with pytest.raises(CorruptInputError):
        read_all(layer, cache=cache, limits=limits)


def test_indexes_are_kept_of_layers_read_before_another_failed(
    layers: list[LocalLayer], cache: Cache
) -> None:
    layers[2].path.write_bytes(b"no tar" * 200)
    with pytest.raises(CorruptInputError):
        read_all(*layers, cache=cache, jobs=1)
    (after,) = read_all(layers[0], cache=cache)
    assert after.verified == "cached"
    assert after.index == scan(layers[0].path.read_bytes())


class FromAPipe(LocalLayer):
    """A layer that was read when it came by."""

    scan: LayerScan


def test_what_came_through_a_pipe_is_not_read_again(layers: list[LocalLayer], cache: Cache) -> None:
    (expected,) = read_all(layers[1])
    piped = FromAPipe(layers[1].path)
    piped.scan = expected
    assert read_all(piped, cache=cache) == [expected]
    assert piped.opened == 0
    piped.diff_id = Digest.of(b"else")
    with pytest.raises(CorruptInputError, match="diff ID"):
        read_all(piped)


def test_a_plain_blob_of_a_pipe_weighs_what_its_image_stores(layers: list[LocalLayer]) -> None:
    piped = FromAPipe(layers[0].path)
    (piped.scan,) = read_all(layers[0])
    size = layers[0].path.stat().st_size
    assert read_all(piped)[0].wire == piped.scan.wire
    (stored,) = read_all(piped, stores_wire_blobs=True)
    assert stored.wire == WireSize(size)
    assert stored.wire_map == even_map(size, size)


def test_progress_adds_up_for_what_came_through_a_pipe(layers: list[LocalLayer]) -> None:
    piped = FromAPipe(layers[1].path)
    (piped.scan,) = read_all(layers[1])
    heard = Heard()
    read_all(piped, progress=heard)
    assert heard.totals == [0]
    assert heard.done == 0
