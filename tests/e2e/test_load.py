"""Images loaded into real engines: the same ID, the same tree; and nothing where one of us dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lightship.errors import DestinationError
from lightship.testing import build_image

from .copying import copy
from .dockerd import docker_engine, unmount_below
from .oracle import image_id
from .programs import run
from .relay import relay
from .snapshot import compare, exported, snapshot
from .test_engines import podman_service
from .test_rewritten import DOCKERS_OWN
from .workshop import named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .workshop import Built, Workshop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker.io", "docker-cli", "buildah", "podman", "skopeo", "umoci"),
    pytest.mark.xdist_group("engine"),
]
LARGE_BYTES = 30_000_000
NEW = "localhost/loaded:1"
TESTS = Path(__file__).resolve().parent.parent


@pytest.fixture
def room(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Where temporary files go; nothing is left there."""
    place = tmp_path / "temporary"
    place.mkdir()
    yield {"TMPDIR": str(place)}
    assert list(place.iterdir()) == []


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image whose layer takes a while to be sent."""
    return build_image(
        [{"a": os.urandom(LARGE_BYTES)}],
        directory=tmp_path_factory.mktemp("large"),
        form="docker-archive",
        codec="plain",
        name="localhost/large:1",
    )


@pytest.mark.parametrize("builder", ["legacy", "buildkit"])
def test_from_docker_to_docker_the_image_stays_the_same(
    builder: str, workshop: Workshop, built: dict[str, Built], room: dict[str, str]
) -> None:
    assert built
    with workshop.engine() as engine:
        environment = {**engine.environment, **room}
        told = copy(f"docker:{named(builder)}", f"docker:{NEW}", environment)
        assert told.reference == f"docker:{NEW}"
        assert told.digest is None
        ids = engine.docker("inspect", "-f", "{{.Id}}", named(builder), NEW).split()
        assert ids[0] == ids[1]
        engine.docker("rmi", NEW)  # the old name keeps the layers
        assert engine.docker("inspect", "-f", "{{.Id}}", named(builder)).split() == ids[:1]


@pytest.mark.parametrize(
    "form", ["buildah-oci", "skopeo-oci-archive-zstd", "buildah-docker-archive"]
)
def test_docker_exports_what_it_exports_of_another_programs_archive(
    form: str, workshop: Workshop, built: dict[str, Built], room: dict[str, str], tmp_path: Path
) -> None:
    """Docker 20.10, which knows no zstd, is given plain layers."""
    archive = built["buildah"].forms["buildah-docker-archive"].reference.split(":")[1]
    with workshop.engine() as engine:
        engine.docker("load", "-q", "-i", archive)
        engine.docker("tag", "example.org/it:1", "localhost/reference:1")
        since = time.time_ns() // 10**9 * 10**9
        copy(
            built["buildah"].forms[form].reference, f"docker:{NEW}", {**engine.environment, **room}
        )
        trees = []
        for image in ("localhost/reference:1", NEW):
            container = engine.docker("create", "--network=none", image, "/bin/sh").decode().strip()
            engine.docker("export", "-o", tmp_path / "export.tar", container)
            engine.docker("rm", container)
            seen = exported(tmp_path / "export.tar", DOCKERS_OWN)
            # Docker touches some directories and files of etc in each container.
            trees.append(
                {
                    path: one if one.mtime_ns < since else replace(one, mtime_ns=since)
                    for path, one in seen.items()
                }
            )
        ran = engine.docker("run", "--rm", "--network=host", NEW, "/bin/sh", "-c", "echo it runs")
        assert ran == b"it runs\n"
        engine.docker("rmi", NEW, "localhost/reference:1", "example.org/it:1")
    assert len(trees[0]) > 30
    assert compare(trees[0], trees[1]) == []


@pytest.mark.parametrize("way", ["program", "service"])
@pytest.mark.parametrize("builder", ["buildkit", "buildah"])
def test_podman_mounts_what_umoci_unpacks(
    builder: str, way: str, workshop: Workshop, built: dict[str, Built], room: dict[str, str]
) -> None:
    place = Path(room["TMPDIR"]).parent / "unpacked"
    source = built[builder].forms["skopeo-oci-gzip"]
    with workshop.alone():
        if way == "program":
            store = f"[overlay@{workshop.root}/store+{workshop.root}/run]"
            told = copy(source.reference, f"podman:{store}loaded:1", room)
            assert told.reference == f"podman:{store}{NEW}"
        else:
            with podman_service(workshop) as address:
                host = {"CONTAINER_HOST": address}
                told = copy(source.reference, "podman:loaded:1", {**host, **room})
            assert told.reference == f"podman:{NEW}"
        podman = ("podman", *workshop.store)
        held = run(*podman, "image", "inspect", "-f", "{{.Id}}", NEW).decode().strip()
        assert f"sha256:{held}" == image_id(source)
        mounted = snapshot(Path(run(*podman, "image", "mount", NEW).decode().strip()))
        run(*podman, "image", "unmount", NEW)
        run(*podman, "rmi", NEW)
        run("umoci", "unpack", "--image", source.reference.partition(":")[2], place)
        unpacked = snapshot(place / "rootfs")
    del mounted["."], unpacked["."]  # which no layer has a record of
    assert len(unpacked) > 30
    assert compare(unpacked, mounted) == []


def test_a_name_goes_from_one_image_to_the_next(room: dict[str, str], tmp_path: Path) -> None:
    first, second = (
        build_image([{"a": text}], directory=tmp_path, form="docker-archive", codec="plain",
                    name="localhost/other:1")
        for text in (b"first", b"second")
    )  # fmt: skip
    with docker_engine(tmp_path / "docker") as engine:
        environment = {**engine.environment, **room}
        ids = []
        for source in (first, second, first):
            copy(source, f"docker:{NEW}", environment)
            ids.append(engine.docker("inspect", "-f", "{{.Id}}", NEW))
        names = engine.docker("images", "--format", "{{.Repository}}:{{.Tag}}").decode().split()
    assert ids[0] == ids[2] != ids[1]
    assert sorted(names) == ["<none>:<none>", NEW]


def test_an_engine_that_is_killed_in_mid_load(
    large: str, room: dict[str, str], tmp_path: Path
) -> None:
    with docker_engine(tmp_path / "docker") as engine:
        half = LARGE_BYTES // 2
        with (
            relay(engine.socket, after_bytes=half, then=engine.kill, to=True) as host,
            pytest.raises(DestinationError) as caught,
        ):
            copy(large, f"docker:{NEW}", {"DOCKER_HOST": host, **room})
        assert engine.process.returncode is not None
        text = str(caught.value)
        assert "did not load the image (the server broke off the connection)" in text
        assert "\n" not in text
    with docker_engine(tmp_path / "docker") as engine:
        assert engine.docker("images", "-aq") == b""
        copy(large, f"docker:{NEW}", {**engine.environment, **room})
        assert engine.docker("images", "-q").count(b"\n") == 1


def test_lightship_that_is_killed_in_mid_load(
    large: str, room: dict[str, str], tmp_path: Path
) -> None:
    with docker_engine(tmp_path / "docker") as engine:
        copy(build_image([{"a": b"x"}], directory=tmp_path, form="docker-archive", codec="plain",
                         name=NEW), f"docker:{NEW}", {**engine.environment, **room})  # fmt: skip
        before = engine.docker("images", "-a", "--no-trunc")
        victim: list[subprocess.Popen[bytes]] = []

        def kill() -> None:
            victim[0].kill()

        with relay(engine.socket, after_bytes=LARGE_BYTES // 2, then=kill, to=True) as host:
            environment = {**os.environ, **room, "DOCKER_HOST": host, "PYTHONPATH": str(TESTS)}
            command = [sys.executable, "-m", "e2e.copying", large, f"docker:{NEW}"]
            victim.append(subprocess.Popen(command, env=environment))
            assert victim[0].wait(60) == -signal.SIGKILL
        time.sleep(1)  # for the engine, to do whatever it would
        assert engine.docker("images", "-a", "--no-trunc") == before
        (left,) = Path(room["TMPDIR"]).iterdir()
        assert left.name.startswith(".lightship-")
        copy(large, f"docker:{NEW}", {**engine.environment, **room})  # which clears it away
        assert engine.docker("images", "-a", "--no-trunc") != before


def test_an_engine_whose_disk_is_full(large: str, room: dict[str, str], tmp_path: Path) -> None:
    data = tmp_path / "docker"
    data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={LARGE_BYTES * 3 // 2}", "tmpfs", str(data)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        with docker_engine(data, "--storage-driver=vfs") as engine:
            with pytest.raises(DestinationError, match="no space left on device") as caught:
                copy(large, f"docker:{NEW}", {**engine.environment, **room})
            assert str(caught.value).startswith(
                f"the Docker engine at {engine.socket} did not load"
            )
            assert engine.docker("images", "-aq") == b""
    finally:
        unmount_below(data)
