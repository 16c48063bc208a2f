"""A push as a whole, into a registry in memory: what is put, in which order, and what is said."""

from __future__ import annotations

import os
import subprocess
import threading
from concurrent.futures import wait
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from lightship.errors import CorruptInputError, DestinationError, UsageError
from lightship.model.digest import Digest
from lightship.model.documents import OCI_MANIFEST

from .pretended_registry import Asked, Pretended, Reply, pretending
from .stagings import CONFIG, digest_of, image, puts, staging_in
from .uploads import DATA, Bytes

if TYPE_CHECKING:
    from pathlib import Path


def test_nothing_is_visible_before_the_end_and_blobs_come_first() -> None:
    one = image()
    with pretending() as registry:
        staging = staging_in(registry)
        assert staging.accepts.families == ("oci", "docker")
        layer = staging.take(Bytes())
        config = staging.put(CONFIG)
        assert config.open().read() == CONFIG
        with layer.open() as stream:
            assert stream.read() == DATA  # read back from the registry
        assert not registry.manifests
        done = staging.commit([one])
    assert puts(registry) == [digest_of(one.manifest), "1"]
    assert registry.asked[-1].path.endswith("/manifests/1")
    assert done.reference == f"registry:{registry.host}/a/b:1"
    assert done.digest == digest_of(one.manifest)
    assert registry.manifests["1"] == (OCI_MANIFEST, one.manifest)
    assert set(registry.blobs) == {digest_of(DATA), digest_of(CONFIG)}
    assert not registry.sessions


def test_what_is_discarded_leaves_nothing(tmp_path: Path) -> None:
    with pretending() as registry:
        staging = staging_in(registry)
        sink = staging.sink()
        sink.write(b"abc")
        sink.abandon()
        staging.take(Bytes())
        staging.discard()
        staging.discard()
        assert not registry.manifests
    assert not list(tmp_path.iterdir())


def test_who_gives_up_does_not_wait_for_a_registry_that_says_nothing() -> None:
    go, hanging = threading.Event(), threading.Event()

    def first(asked: Asked) -> Reply | None:
        if asked.is_upload:
            hanging.set()
            go.wait(300)
        return None

    with pretending(Pretended(first=first)) as registry:
        staging = staging_in(registry, stall_seconds=300.0)
        staging.take(Bytes())
        hanging.wait(20)
        staging.discard()
        assert not go.is_set()
        go.set()


def test_nor_for_one_that_wants_to_be_asked_later() -> None:
    waiting = threading.Event()

    def first(asked: Asked) -> Reply | None:
        if not asked.is_upload:
            return None
        waiting.set()
        return Reply(429, {"Retry-After": "300"})

    with pretending(Pretended(first=first)) as registry:
        staging = staging_in(registry, attempts=3, patience_seconds=400.0)
        staging.take(Bytes())
        waiting.wait(20)
        staging.discard()
        assert all(there.done() for there in staging._crew._futures)
    assert not registry.blobs


def test_no_blob_is_sent_twice() -> None:
    with pretending() as registry:
        staging = staging_in(registry)
        first = staging.take(Bytes())
        assert staging.take(Bytes()) is first
        sink = staging.sink()
        sink.write(DATA[:5])
        sink.write(memoryview(DATA)[5:])
        sink.finish(Digest.of(DATA))
        staging.commit([image()])
        assert registry.received == len(DATA)
        again = staging_in(registry, "2")
        again.take(Bytes())
        again.commit([image()])
        assert registry.received == len(DATA)
        assert not registry.sessions  # what was begun for nothing is given up


def test_a_layer_of_unknown_size_or_digest_goes_through_a_file() -> None:
    class Unknown(Bytes):
        def __init__(self, **known: object) -> None:
            super().__init__()
            for name, value in known.items():
                setattr(self, name, value)

    for layer in (Unknown(digest=None), Unknown(stored_bytes=None)):
        with pretending() as registry:
            staging = staging_in(registry)
            blob = staging.take(layer)
            assert (blob.digest, blob.stored_bytes) == (digest_of(DATA), len(DATA))
            staging.commit([image()])
            assert set(registry.blobs) == {digest_of(DATA)}
    for wrong in (
        Unknown(stored_bytes=None, digest=Digest.of(b"other")),
        Unknown(digest=None, diff_id=Digest.of(b"other")),  # all that a docker-archive claims
    ):
        with pretending() as registry:
            staging = staging_in(registry)
            with pytest.raises(CorruptInputError, match="layer 3"):
                staging.take(wrong)
            staging.discard()


def test_a_corrupt_layer_is_the_sources_fault_and_nothing_is_put() -> None:
    with pretending() as registry:
        staging = staging_in(registry)
        staging.take(Bytes(DATA[:-1] + b"!", DATA))
        with pytest.raises(CorruptInputError) as caught:
            staging.commit([image()])
    assert caught.value.exit_code == 4
    assert not puts(registry)
    assert not registry.blobs


def test_a_failed_upload_is_told_by_what_comes_next() -> None:
    def first(asked: Asked) -> Reply | None:
        return Reply.error(403, "DENIED", "no\x1b[31m room") if asked.is_upload else None

    with pretending(Pretended(first=first)) as registry:
        staging = staging_in(registry)
        staging.put(CONFIG)
        with suppress(DestinationError):
            staging.take(Bytes())
        wait([there for _, there in staging._there.values()])
        with pytest.raises(DestinationError) as caught:
            staging.sink()
        staging.discard()
    assert "\x1b" not in str(caught.value)
    assert "let the upload begin" in str(caught.value)


def test_no_room_for_what_is_not_yet_pushed(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount, and not everywhere")
    try:
        with pretending() as registry:
            staging = staging_in(registry, directory=small)
            sink = staging.sink()
            with pytest.raises(DestinationError) as caught:
                sink.write(bytes(3_000_000))
            staging.discard()
        assert not registry.blobs
        assert not list(small.iterdir())
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert str(small) in str(caught.value)
    assert "TMPDIR" in str(caught.value)


def test_no_place_for_what_is_not_yet_pushed(tmp_path: Path) -> None:
    with pretending() as registry:
        staging = staging_in(registry, directory=tmp_path / "nowhere")
        with pytest.raises(DestinationError, match="nowhere"):
            staging.sink()
        staging.put(CONFIG)  # that needs none
        assert staging.commit([image()]).digest


def test_a_destination_is_named_by_a_tag() -> None:
    for tag in ("", "@" + digest_of(b"")):
        with pretending() as registry, pytest.raises(UsageError):
            staging_in(registry, tag)
        assert not registry.asked


def test_offline_nobody_is_asked() -> None:
    with pretending() as registry, pytest.raises(DestinationError, match="--offline"):
        staging_in(registry, offline=True)
    assert not registry.asked
