"""Layers that a server keeps under their digest: once read and verified, never read again."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import pytest

from layers.local import image_of
from lightship.errors import CorruptInputError
from lightship.layers.cache import Cache, CachePlace
from lightship.layers.indexing import index_layers
from lightship.layers.limits import Limits
from lightship.layers.reading import Reading
from lightship.model.digest import Digest
from lightship.model.image import ServedBlob
from lightship.testing import layer_tar

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.layers.scan import LayerScan

TAR = layer_tar({"a": b"one" * 1000, "d/b": b"two"})
BLOB = gzip.compress(TAR, mtime=0)
DIFF_ID = Digest.of(TAR)


@dataclass
class ServedLayer:
    """What a server sends for a digest (`model.image.Layer`): not always what was asked for."""

    sent: bytes
    digest: Digest
    position: int = 1
    diff_id: Digest | None = None
    media_type: str | None = None
    stored_bytes: int | None = None
    asked: int = 0

    def identity(self) -> ServedBlob:
        return ServedBlob(self.digest)

    def open(self) -> BinaryIO:
        self.asked += 1
        return io.BytesIO(self.sent)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(CachePlace(tmp_path / "cache"))


def read(
    layer: ServedLayer,
    cache: Cache,
    *,
    trust_cache: bool = True,
    wire_blobs: bool = True,
    most: int = 10**9,
) -> LayerScan:
    reading = Reading.within(Limits(max_unpacked_bytes=most), stores_wire_blobs=wire_blobs)
    image = image_of([layer])
    return index_layers(image, reading, cache=cache, jobs=1, trust_cache=trust_cache)[0]


def test_a_blob_is_asked_for_once(cache: Cache) -> None:
    first = ServedLayer(BLOB, Digest.of(BLOB), diff_id=DIFF_ID)
    known = ServedLayer(b"never looked at", Digest.of(BLOB), diff_id=DIFF_ID)
    fresh, cached = read(first, cache), read(known, cache)
    assert (fresh.verified, cached.verified) == ("read", "cached")
    assert (first.asked, known.asked) == (1, 0)
    assert cached.index == fresh.index
    assert cached.wire == fresh.wire


def test_verify_asks_again(cache: Cache) -> None:
    read(ServedLayer(BLOB, Digest.of(BLOB)), cache)
    again = ServedLayer(BLOB, Digest.of(BLOB))
    assert read(again, cache, trust_cache=False).verified == "read"
    assert again.asked == 1


def test_what_a_lying_server_sends_is_not_remembered_under_the_digest(cache: Cache) -> None:
    other = gzip.compress(layer_tar({"evil": b""}), mtime=0)
    with pytest.raises(CorruptInputError, match="has the digest"):
        read(ServedLayer(other, Digest.of(BLOB)), cache)
    honest = ServedLayer(BLOB, Digest.of(BLOB))
    assert read(honest, cache).verified == "read"
    assert honest.asked == 1


def test_another_diff_id_than_the_image_claims_is_found_in_the_cache_too(cache: Cache) -> None:
    read(ServedLayer(BLOB, Digest.of(BLOB)), cache)
    with pytest.raises(CorruptInputError, match="diff ID"):
        read(ServedLayer(BLOB, Digest.of(BLOB), diff_id=Digest.of(b"")), cache)


def test_a_plain_blob_is_known_as_a_wire_blob_only_where_it_is_one(cache: Cache) -> None:
    exact = read(ServedLayer(TAR, DIFF_ID), cache)
    assert (exact.wire.wire_bytes, exact.wire.estimated) == (len(TAR), False)
    asked = ServedLayer(TAR, DIFF_ID)
    assert read(asked, cache, wire_blobs=False).wire.wire_bytes != len(TAR)
    assert asked.asked == 1


def test_limits_hold_for_what_is_known(cache: Cache) -> None:
    read(ServedLayer(BLOB, Digest.of(BLOB)), cache)
    with pytest.raises(CorruptInputError, match="--max-unpacked"):
        read(ServedLayer(BLOB, Digest.of(BLOB)), cache, most=len(TAR) - 1)
