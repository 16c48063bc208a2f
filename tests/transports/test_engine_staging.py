"""An image put together for an engine: what is loaded, and what the engine then has to say."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest

from engines import said
from engines.fake_engine import DOCKER, NEW_DOCKER, PODMAN, answer, chunked, fake_engine
from lightship.errors import DestinationError, UsageError
from lightship.model.digest import Digest
from lightship.model.platform import Platform
from lightship.transports.access import Access
from lightship.transports.engine_names import engine_destination
from lightship.transports.engine_staging import EngineStaging
from lightship.transports.storing import NewImage

from .conftest import opened
from .shelf import LAYERS, OCI, config_of, path_of, raw, sha

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engines.fake_engine import FakeEngine
    from lightship.transports.storing import Committed, StagedBlob

NAME = "localhost/x:1"
CONFIG_ID = sha(raw(config_of(LAYERS)))
LOADED = chunked(b'{"stream":"Loaded image: localhost/x:1\\n"}\r\n')
OTHER = "sha256:" + "0f" * 32
OLD, NEW = "/v1.41", "/v1.48"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Path]:
    """Where the archive is put together; empty at the end."""
    place = tmp_path / "room"
    place.mkdir()
    yield place
    assert list(place.iterdir()) == []


def access_to(fake: FakeEngine, room: Path) -> Access:
    return Access(environment={**fake.environment, "TMPDIR": str(room)})


def holding(fake: FakeEngine, about: object, prefix: str = OLD) -> None:
    """The engine loads what it is sent, and then has this image under the name."""
    fake.answers[f"{prefix}/images/load"] = LOADED
    fake.answers[f"{prefix}/images/{NAME}/json"] = answer(about)


@pytest.fixture
def docker() -> Iterator[FakeEngine]:
    """A classic store."""
    with fake_engine(DOCKER) as fake:
        holding(fake, said.docker(CONFIG_ID, NAME))
        yield fake


def staging_for(fake: FakeEngine, room: Path, text: str = NAME) -> EngineStaging:
    return EngineStaging(engine_destination("docker", text), access_to(fake, room))


def staged(
    staging: EngineStaging, layers: list[bytes] = LAYERS, architecture: str = "amd64"
) -> NewImage:
    """An image whose blobs are staged."""
    config = staging.put(raw(config_of(layers, architecture)))
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{OCI}.manifest.v1+json",
        "config": described(config, f"{OCI}.config.v1+json"),
        "layers": [described(blob_of(staging, tar), f"{OCI}.layer.v1.tar") for tar in layers],
    }
    platform = Platform("linux", architecture)
    return NewImage(raw(manifest), f"{OCI}.manifest.v1+json", platform)


def blob_of(staging: EngineStaging, data: bytes) -> StagedBlob:
    sink = staging.sink()
    for start in range(0, len(data), 1000):
        sink.write(data[start : start + 1000])
    blob = sink.finish(Digest.of(data))
    with blob.open() as stream:
        assert stream.read() == data
    return blob


def described(blob: StagedBlob, media_type: str) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": blob.digest, "size": blob.stored_bytes}


def loads(fake: FakeEngine) -> list[str]:
    return [target for target in fake.asked if "/images/load" in target]


def committed(fake: FakeEngine, room: Path, text: str = NAME) -> Committed:
    staging = staging_for(fake, room, text)
    return staging.commit([staged(staging)])


def refusal(fake: FakeEngine, room: Path) -> str:
    with pytest.raises(DestinationError) as caught:
        committed(fake, room)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What is loaded.


def test_the_archive_that_is_loaded_is_the_image(
    docker: FakeEngine, room: Path, tmp_path: Path
) -> None:
    staging = staging_for(docker, room)
    assert staging.where == f"docker:{NAME}"
    image = staged(staging)
    assert loads(docker) == []
    assert staging.commit([image]).reference == f"docker:{NAME}"
    (data,) = docker.bodies
    place = tmp_path / "loaded.tar"
    place.write_bytes(data)
    for form in ("docker-archive", "oci-archive"):
        loaded = opened(f"{form}:{place}")
        assert loaded.config_bytes == raw(config_of(LAYERS))
        assert [layer.open().read() for layer in loaded.layers] == LAYERS
        assert {name.removeprefix("docker.io/library/") for name in loaded.names} == {NAME}


def test_the_name_is_as_docker_and_containerd_write_it(room: Path, tmp_path: Path) -> None:
    with fake_engine(DOCKER) as fake:
        fake.answers[f"{OLD}/images/load"] = LOADED
        fake.answers[f"{OLD}/images/x:latest/json"] = answer(said.docker(CONFIG_ID, "x:latest"))
        assert committed(fake, room, "x").reference == "docker:x:latest"
        place = tmp_path / "loaded.tar"
        place.write_bytes(fake.bodies[0])
    assert opened(f"docker-archive:{place}").names == ("x:latest",)
    assert opened(f"oci-archive:{place}").names == ("docker.io/library/x:latest",)


def test_what_is_given_up_reaches_no_engine(docker: FakeEngine, room: Path) -> None:
    staging = staging_for(docker, room)
    staged(staging)
    assert list(room.iterdir())
    staging.discard()
    staging.discard()
    assert loads(docker) == []


# What the engine then has.


def test_the_classic_store_has_the_config(docker: FakeEngine, room: Path) -> None:
    assert committed(docker, room).digest is None


def test_the_containerd_store_has_the_manifest(room: Path) -> None:
    with fake_engine(NEW_DOCKER) as fake:
        staging = staging_for(fake, room)
        image = staged(staging)
        digest = Digest.of(image.manifest)
        about = {**said.containerd(said.manifest(digest, "amd64"), names=(NAME,)), "Id": digest}
        holding(fake, about, NEW)
        assert staging.commit([image]).digest == digest


def test_another_image_under_the_name(docker: FakeEngine, room: Path) -> None:
    holding(docker, said.docker(OTHER, NAME))
    text = refusal(docker, room)
    assert OTHER in text
    assert CONFIG_ID in text


def test_a_name_that_is_not_there_afterwards(docker: FakeEngine, room: Path) -> None:
    del docker.answers[f"{OLD}/images/{NAME}/json"]
    assert f"holds none that is called {NAME!r}" in refusal(docker, room)


@pytest.mark.parametrize("then", [b"", answer(b"<html>"), answer(b"{}", status="500 Oh")])
def test_an_engine_that_does_not_say_what_it_has(
    then: bytes, docker: FakeEngine, room: Path
) -> None:
    staging = staging_for(docker, room)
    image = staged(staging)
    docker.answers[f"{OLD}/images/{NAME}/json"] = then
    with pytest.raises(DestinationError, match="was loaded, and does not say what it holds"):
        staging.commit([image])


def test_an_error_under_status_200(docker: FakeEngine, room: Path) -> None:
    words = "write /x/layer.tar: no space left on device"
    detail = {"errorDetail": {"message": words}, "error": words}
    docker.answers[f"{OLD}/images/load"] = chunked(json.dumps(detail).encode())
    assert f"did not load the image ({words})" in refusal(docker, room)


def test_an_engine_that_dies_in_mid_load(docker: FakeEngine, room: Path) -> None:
    docker.takes = 1000
    docker.answers[f"{OLD}/images/load"] = b""
    assert "broke off the connection" in refusal(docker, room)


# Several platforms.


def test_a_store_of_one_platform_a_name_is_not_given_several(
    docker: FakeEngine, room: Path
) -> None:
    docker.answers[f"{OLD}/info"] = answer({"DriverStatus": [["Backing Filesystem", "extfs"]]})
    staging = staging_for(docker, room)
    images = [staged(staging), staged(staging, architecture="arm64")]
    with pytest.raises(DestinationError, match="one platform under a name, not linux/amd64, linux"):
        staging.commit(images)
    assert loads(docker) == []


def test_the_containerd_store_takes_several(room: Path, tmp_path: Path) -> None:
    class Engine:
        """Has as the ID of what it loads what the archive's `index.json` says."""

        def __init__(self, fake: FakeEngine) -> None:
            self.fake = fake

        def __call__(self, out: BinaryIO) -> None:
            place = tmp_path / "loaded.tar"
            place.write_bytes(self.fake.bodies[0])
            index = subprocess.run(
                ["tar", "-xOf", str(place), "index.json"], check=True, capture_output=True
            )
            (entry,) = json.loads(index.stdout)["manifests"]
            self.fake.answers[f"{NEW}/images/{NAME}/json"] = answer(
                {**said.containerd(names=(NAME,)), "Id": entry["digest"]}
            )
            LOADED(out)

    with fake_engine(NEW_DOCKER) as fake:
        status = {"DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]}
        fake.answers[f"{NEW}/info"] = answer(status)
        fake.answers[f"{NEW}/images/load"] = Engine(fake)
        staging = staging_for(fake, room)
        images = [staged(staging), staged(staging, architecture="arm64")]
        assert staging.commit(images).digest is not None


# What goes wrong before.


def test_no_engine(tmp_path: Path) -> None:
    access = Access(environment={"DOCKER_HOST": "unix:///nowhere/socket"})
    with pytest.raises(DestinationError, match="no engine answers at /nowhere/socket") as caught:
        EngineStaging(engine_destination("docker", "x"), access)
    assert str(caught.value).startswith("docker:x:latest: ")
    assert "docker load -i FILE" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_no_room_to_begin_with(docker: FakeEngine, tmp_path: Path) -> None:
    with pytest.raises(DestinationError, match=f"docker:{NAME} .*{tmp_path}/gone"):
        staging_for(docker, tmp_path / "gone")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with one megabyte."""
    if os.geteuid():
        pytest.skip("only root may mount")
    place = tmp_path / "full"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_disk_that_is_full(docker: FakeEngine, full_disk: Path) -> None:
    staging = staging_for(docker, full_disk)

    def fill() -> None:
        sink = staging.sink()
        for _ in range(100):
            sink.write(os.urandom(100_000))
        sink.finish(Digest.of(b""))

    with pytest.raises(DestinationError, match="No space left") as caught:
        fill()
    assert str(full_disk) in str(caught.value)
    staging.discard()
    assert list(full_disk.iterdir()) == []
    assert loads(docker) == []


def test_what_a_killed_run_leaves_is_cleared_away_by_the_next(
    docker: FakeEngine, room: Path
) -> None:
    program = (
        "import json, os, sys, time\n"
        "from lightship.transports.access import Access\n"
        "from lightship.transports.engine_names import engine_destination\n"
        "from lightship.transports.engine_staging import EngineStaging\n"
        "access = Access(environment=json.loads(sys.argv[1]))\n"
        "staging = EngineStaging(engine_destination('docker', 'localhost/x:1'), access)\n"
        "sink = staging.sink()\n"
        "sink.write(bytes(3_000_000))\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)\n"
    )
    environment = json.dumps({**docker.environment, "TMPDIR": str(room)})
    command = [sys.executable, "-c", program, environment]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.kill()
    assert process.returncode == -signal.SIGKILL
    (left,) = room.iterdir()
    assert left.name.startswith(".lightship-")
    assert loads(docker) == []
    committed(docker, room)
    deadline = time.monotonic() + 10
    while left.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left.exists()


# Names.


@pytest.mark.parametrize(
    ("transport", "text", "location"),
    [
        ("docker", "x", "x:latest"),
        ("docker", "a/x:1", "a/x:1"),
        ("docker", "h:5000/x", "h:5000/x:latest"),
        ("docker", "localhost/x:1", "localhost/x:1"),
        ("podman", "x", "localhost/x:latest"),
        ("podman", "a/x:1", "localhost/a/x:1"),
        ("podman", "localhost/x", "localhost/x:latest"),
        ("podman", "docker.io/library/x:1", "docker.io/library/x:1"),
        ("podman", "quay.io/x:1", "quay.io/x:1"),
        ("podman", "[overlay@/r+/n]x:1", "[overlay@/r+/n]localhost/x:1"),
        ("podman", "[/r]quay.io/x", "[/r]quay.io/x:latest"),
    ],
)
def test_a_name_is_made_whole(transport: str, text: str, location: str) -> None:
    found = engine_destination(transport, text)
    assert (found.transport, found.location, found.selector) == (transport, location, "")
    assert engine_destination(transport, found.location) == found


@pytest.mark.parametrize("transport", ["docker", "podman"])
@pytest.mark.parametrize(
    "text",
    ["", "X", "a b", "-x", "x:", "x@sha256:" + "0" * 64, "0" * 64, "sha256:" + "0" * 64,
     "sha256:012", "x\0", "--root=/", "../x", "[overlay@/r]", "[x", "x" * 300, "\ud800"],
)  # fmt: skip
def test_what_is_no_name(transport: str, text: str) -> None:
    with pytest.raises(UsageError):
        engine_destination(transport, text)


def test_docker_has_no_store_before_a_name() -> None:
    with pytest.raises(UsageError):
        engine_destination("docker", "[overlay@/r]x")


def test_podman_is_told_in_its_own_way(room: Path) -> None:
    with fake_engine(PODMAN) as fake:
        fake.answers["/v4.3.1/libpod/images/load"] = answer({"Names": ["localhost/x:1"]})
        about = said.podman(CONFIG_ID, NAME)
        fake.answers[f"/v4.3.1/libpod/images/{NAME}/json"] = answer(about)
        host = {"CONTAINER_HOST": f"unix://{fake.socket}", "TMPDIR": str(room)}
        staging = EngineStaging(engine_destination("podman", "x:1"), Access(environment=host))
        assert staging.commit([staged(staging)]).reference == f"podman:{NAME}"
        assert path_of(CONFIG_ID).encode() in fake.bodies[0]
