"""A push as a whole, into a registry in memory: what is put, in which order, and what is said."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from concurrent.futures import wait
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from lightship.errors import CorruptInputError, DestinationError, LightshipError, UsageError
from lightship.model.digest import Digest
from lightship.model.documents import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from lightship.model.platform import Platform
from lightship.model.reference import Reference
from lightship.net.options import NetOptions
from lightship.transports.access import Access
from lightship.transports.registry.staging import RegistryStaging
from lightship.transports.storing import NewImage

from .pretended_registry import Asked, Pretended, Reply, pretending
from .test_uploading import DATA, Bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AMD64 = Platform("linux", "amd64")
ARM64 = Platform("linux", "arm64")
CONFIG = b"{}"


def staging_in(
    registry: Pretended, tag: str = "1", directory: Path | None = None, **changes: object
) -> RegistryStaging:
    given: dict[str, object] = {"plain_http": frozenset({"127.0.0.1"}), "attempts": 1} | changes
    access = Access(
        network=NetOptions(**given),  # type: ignore[arg-type]  # names are the Struct's
        environment={"TMPDIR": str(directory or tempfile.gettempdir())},
    )
    return RegistryStaging(Reference("registry", f"{registry.host}/a/b", tag), access)


def image(number: int = 1, platform: Platform = AMD64, kind: str = OCI_MANIFEST) -> NewImage:
    digest = Digest.of(CONFIG)
    document = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": {"mediaType": "x", "digest": digest, "size": len(CONFIG)},
        "layers": [],
        "annotations": {"number": str(number)},
    }
    return NewImage(json.dumps(document).encode(), kind, platform)


def digest_of(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()}"


def index(*images: NewImage, **more: object) -> bytes:
    rows = [
        {
            "mediaType": one.media_type,
            "digest": digest_of(one.manifest),
            "size": len(one.manifest),
            "platform": {"os": one.platform.os, "architecture": one.platform.architecture},
        }
        for one in images
    ]
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": rows, **more}
    return json.dumps(document).encode()


def puts(registry: Pretended) -> list[str]:
    """Names of the manifests that were put, in order."""
    paths = [one.path for one in registry.asked if one.method == "PUT"]
    return [path.rpartition("/")[2] for path in paths if "/manifests/" in path]


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
    wrong = Unknown(stored_bytes=None, digest=Digest.of(b"other"))
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


def test_other_platforms_of_the_tag_stay() -> None:
    old, other, new = image(1), image(2, ARM64), image(3)
    registry = Pretended(manifests={"1": (OCI_INDEX, index(old, other))})
    with pretending(registry):
        staging = staging_in(registry)
        assert staging.accepts.families == ("oci",)
        staging.put(CONFIG)
        done = staging.commit([new])
    kind, data = registry.manifests["1"]
    assert kind == OCI_INDEX
    assert data == index(new, other).replace(b", ", b",").replace(b": ", b":")
    assert done.digest == digest_of(data)
    assert any("linux/arm64" in note for note in done.notes)
    assert puts(registry) == [digest_of(new.manifest), "1"]


def test_several_platforms_make_an_index() -> None:
    images = [image(1), image(2, ARM64)]
    with pretending() as registry:
        staging = staging_in(registry)
        staging.put(CONFIG)
        done = staging.commit(images)
    assert puts(registry) == [*(digest_of(one.manifest) for one in images), "1"]
    rows = json.loads(registry.manifests["1"][1])["manifests"]
    assert [row["digest"] for row in rows] == [digest_of(one.manifest) for one in images]
    assert done.digest == digest_of(registry.manifests["1"][1])


def test_an_index_of_the_other_family_is_left_alone() -> None:
    old, other = image(1), image(2, ARM64)
    registry = Pretended(manifests={"1": (OCI_INDEX, index(old, other))})
    before = dict(registry.manifests)
    with pretending(registry):
        staging = staging_in(registry)
        with pytest.raises(DestinationError, match="never mixed") as caught:
            staging.commit([image(3, kind=DOCKER_MANIFEST)])
    assert registry.manifests["1"] == before["1"]
    assert "stands for what it did" in str(caught.value)


def moved_at(look: int, moves: Callable[[Pretended, int], None]) -> Pretended:
    """Somebody else moves the tag just before our so-manieth look at it."""
    looks = 0

    def first(asked: Asked) -> Reply | None:
        nonlocal looks
        if asked.method == "GET" and asked.path.endswith("/manifests/1"):
            looks += 1
            if looks >= look:
                moves(registry, looks)
        return None

    registry = Pretended(first=first)
    return registry


def test_a_tag_that_somebody_moved_meanwhile_is_looked_at_again() -> None:
    theirs, other, new = image(7), image(8, ARM64), image(9)

    def moves(registry: Pretended, _: int) -> None:
        registry.manifests["1"] = (OCI_INDEX, index(theirs, other))

    with pretending(moved_at(2, moves)) as registry:
        staging = staging_in(registry)
        done = staging.commit([new])
    rows = json.loads(registry.manifests["1"][1])["manifests"]
    assert [row["digest"] for row in rows] == [digest_of(new.manifest), digest_of(other.manifest)]
    assert any("by somebody else meanwhile" in note for note in done.notes)
    assert any("linux/arm64" in note for note in done.notes)


def test_and_not_for_ever() -> None:
    def moves(registry: Pretended, look: int) -> None:
        registry.manifests["1"] = (OCI_MANIFEST, image(look).manifest)

    with pretending(moved_at(1, moves)) as registry:
        staging = staging_in(registry)
        with pytest.raises(DestinationError, match="again and again"):
            staging.commit([image(100)])
        assert "1" not in puts(registry)


def failing(*names: str, status: int = 500, code: str = "UNKNOWN") -> Callable[[Asked], Any]:
    def first(asked: Asked) -> Reply | None:
        put = asked.method == "PUT" and "/manifests/" in asked.path
        name = asked.path.rpartition("/")[2]
        return Reply.error(status, code, "so it is") if put and name in names else None

    return first


def test_what_was_put_and_what_was_not_is_said() -> None:
    images = [image(1), image(2, ARM64)]
    digests = [digest_of(one.manifest) for one in images]
    for names, told in (
        (digests[:1], "No manifest was put, and"),
        (digests[1:], "1 of 2 manifests were put, under their digests alone, and"),
        (["1"], "2 of 2 manifests were put, under their digests alone, and"),
    ):
        with pretending(Pretended(first=failing(*names))) as registry:
            staging = staging_in(registry)
            with pytest.raises(DestinationError) as caught:
                staging.commit(images)
            assert "1" not in registry.manifests
        assert told in str(caught.value)
        assert f"registry:{registry.host}/a/b:1 stands for what it did" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_an_answer_that_was_lost_is_looked_after() -> None:
    one = image()
    lost = False

    def first(asked: Asked) -> Reply | None:
        nonlocal lost
        if asked.method == "PUT" and asked.path.endswith("/manifests/1"):
            lost = True
            registry.manifests["1"] = (OCI_MANIFEST, one.manifest)
            return Reply(200, {"Content-Length": "9"}, b"", drains=False)
        if lost and blind:
            return Reply(503)
        return None

    for blind in (False, True):
        lost = False
        with pretending(Pretended(first=first)) as registry:
            staging = staging_in(registry)
            if not blind:
                assert staging.commit([one]).digest == digest_of(one.manifest)
                continue
            with pytest.raises(DestinationError) as caught:
                staging.commit([one])
            assert "may have been set" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (400, "MANIFEST_INVALID", "--codec gzip"),
        (415, "UNSUPPORTED", "--codec gzip"),
        (401, "UNAUTHORIZED", "right to push"),
        (403, "DENIED: quota exceeded", "limit of the registry"),
        (404, "NAME_UNKNOWN", "Check the name"),
        (405, "UNSUPPORTED", "mirror"),
        (413, "X", "client_max_body_size"),
        (429, "TOOMANYREQUESTS", "Too many requests"),
        (500, "no space left on device", "disk is full"),
        (503, "X", "try again later"),
        (507, "X", "disk is full"),
        (418, "X", "a registry?"),
    ],
)
def test_what_to_do_about_a_refusal(status: int, code: str, words: str) -> None:
    name = digest_of(image().manifest)
    with pretending(Pretended(first=failing(name, status=status, code=code))) as registry:
        staging = staging_in(registry)
        with pytest.raises(DestinationError) as caught:
            staging.commit([image()])
    assert words in str(caught.value)
    assert str(status) in str(caught.value)
    assert "so it is" in str(caught.value)
    assert caught.value.exit_code == 5


def test_a_registry_that_calls_a_manifest_otherwise_is_not_believed() -> None:
    other = digest_of(b"other")
    registry = Pretended(
        first=lambda asked: (
            Reply(201, {"Docker-Content-Digest": other}) if asked.method == "PUT" else None
        )
    )
    with pretending(registry):
        staging = staging_in(registry)
        with pytest.raises(LightshipError, match="not its digest"):
            staging.commit([image()])
