"""Images loaded into real engines: the same ID, the same tree; and nothing where one of us dies."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lightship.testing import build_image

from .dockerd import docker_engine, unmount_below
from .oracle import image_id
from .programs import run
from .relay import relay
from .snapshot import compare, exported, snapshot
from .test_engines import assert_one_line, podman_service, within
from .test_rewritten import DOCKERS_OWN
from .workshop import named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .programs import Lightship
    from .workshop import Built, Workshop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker.io", "docker-cli", "buildah", "podman", "skopeo", "umoci"),
    pytest.mark.xdist_group("engine"),
]
LARGE_BYTES = 30_000_000
NEW = "localhost/loaded:1"


class Copy:
    """`lightship copy` for one who reaches some engines and no others.

    Attributes:
        room: where it puts temporary files.
    """

    def __init__(self, program: Lightship, room: Path) -> None:
        self.program = program
        self.room = room

    def reaching(self, environment: Mapping[str, str]) -> Copy:
        return Copy(within(self.program, {"TMPDIR": str(self.room), **environment}), self.room)

    def __call__(self, source: str, destination: str, whole: str = "") -> None:
        """Copy; the answer has the destination's whole name."""
        done = self.program.start("copy", source, destination)
        assert done.returncode == 0, done.stderr.decode()
        # A long reference is wrapped.
        assert (whole or destination) in done.stdout.decode().replace("\n", "")

    def refused(self, source: str, destination: str) -> str:
        return assert_one_line(self.program.start("copy", source, destination), 5)


@pytest.fixture
def copy(lightship: Lightship, tmp_path: Path) -> Iterator[Copy]:
    """Nothing is left at the end where temporary files go."""
    room = tmp_path / "temporary"
    room.mkdir()
    yield Copy(lightship, room).reaching({})
    assert list(room.iterdir()) == []


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
    builder: str, workshop: Workshop, built: dict[str, Built], copy: Copy
) -> None:
    assert built
    with workshop.engine() as engine:
        copy = copy.reaching(engine.environment)
        copy(f"docker:{named(builder)}", f"docker:{NEW}")
        ids = engine.docker("inspect", "-f", "{{.Id}}", named(builder), NEW).split()
        assert ids[0] == ids[1]
        engine.docker("rmi", NEW)  # the old name keeps the layers
        assert engine.docker("inspect", "-f", "{{.Id}}", named(builder)).split() == ids[:1]


@pytest.mark.parametrize(
    "form", ["buildah-oci", "skopeo-oci-archive-zstd", "buildah-docker-archive"]
)
def test_docker_exports_what_it_exports_of_another_programs_archive(
    form: str,
    workshop: Workshop,
    built: dict[str, Built],
    copy: Copy,
    tmp_path: Path,
) -> None:
    """Docker 20.10, which knows no zstd, is given plain layers."""
    archive = built["buildah"].forms["buildah-docker-archive"].reference.split(":")[1]
    with workshop.engine() as engine:
        engine.docker("load", "-q", "-i", archive)
        engine.docker("tag", "example.org/it:1", "localhost/reference:1")
        since = time.time_ns() // 10**9 * 10**9
        copy = copy.reaching(engine.environment)
        copy(built["buildah"].forms[form].reference, f"docker:{NEW}")
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
    builder: str,
    way: str,
    workshop: Workshop,
    built: dict[str, Built],
    copy: Copy,
) -> None:
    place = copy.room.parent / "unpacked"
    source = built[builder].forms["skopeo-oci-gzip"]
    with workshop.alone():
        if way == "program":
            store = f"[overlay@{workshop.root}/store+{workshop.root}/run]"
            copy(source.reference, f"podman:{store}loaded:1", NEW)
        else:
            with podman_service(workshop) as address:
                copy = copy.reaching({"CONTAINER_HOST": address})
                copy(source.reference, "podman:loaded:1", f"podman:{NEW}")
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


def test_a_name_goes_from_one_image_to_the_next(copy: Copy, tmp_path: Path) -> None:
    first, second = (
        build_image([{"a": text}], directory=tmp_path, form="docker-archive", codec="plain",
                    name="localhost/other:1")
        for text in (b"first", b"second")
    )  # fmt: skip
    with docker_engine(tmp_path / "docker") as engine:
        copy = copy.reaching(engine.environment)
        ids = []
        for source in (first, second, first):
            copy(source, f"docker:{NEW}")
            ids.append(engine.docker("inspect", "-f", "{{.Id}}", NEW))
        names = engine.docker("images", "--format", "{{.Repository}}:{{.Tag}}").decode().split()
    assert ids[0] == ids[2] != ids[1]
    assert sorted(names) == ["<none>:<none>", NEW]


def test_an_engine_that_is_killed_in_mid_load(large: str, copy: Copy, tmp_path: Path) -> None:
    with docker_engine(tmp_path / "docker") as engine:
        half = LARGE_BYTES // 2
        with relay(engine.socket, after_bytes=half, then=engine.kill, to=True) as host:
            text = copy.reaching({"DOCKER_HOST": host}).refused(large, f"docker:{NEW}")
        assert engine.process.returncode is not None
        assert "did not load the image (the server broke off the connection)" in text
    with docker_engine(tmp_path / "docker") as engine:
        assert engine.docker("images", "-aq") == b""
        copy.reaching(engine.environment)(large, f"docker:{NEW}")
        assert engine.docker("images", "-q").count(b"\n") == 1


def test_lightship_that_is_killed_in_mid_load(large: str, copy: Copy, tmp_path: Path) -> None:
    with docker_engine(tmp_path / "docker") as engine:
        small = build_image([{"a": b"x"}], directory=tmp_path, form="docker-archive", codec="plain")
        copy = copy.reaching(engine.environment)
        copy(small, f"docker:{NEW}")
        before = engine.docker("images", "-a", "--no-trunc")
        victim: list[subprocess.Popen[bytes]] = []

        def kill() -> None:
            victim[0].kill()

        with relay(engine.socket, after_bytes=LARGE_BYTES // 2, then=kill, to=True) as host:
            program = copy.reaching({"DOCKER_HOST": host}).program
            command = [*program.command, "copy", large, f"docker:{NEW}"]
            victim.append(subprocess.Popen(command, env=program.environment))
            assert victim[0].wait(60) == -signal.SIGKILL
        time.sleep(1)  # for the engine, to do whatever it would
        assert engine.docker("images", "-a", "--no-trunc") == before
        (left,) = copy.room.iterdir()
        assert left.name.startswith(".lightship-")
        copy(large, f"docker:{NEW}")  # which clears it away
        assert engine.docker("images", "-a", "--no-trunc") != before


def test_an_engine_whose_disk_is_full(large: str, copy: Copy, tmp_path: Path) -> None:
    data = tmp_path / "docker"
    data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={LARGE_BYTES * 3 // 2}", "tmpfs", str(data)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        with docker_engine(data, "--storage-driver=vfs") as engine:
            copy = copy.reaching(engine.environment)
            text = copy.refused(large, f"docker:{NEW}")
            assert f"the Docker engine at {engine.socket} did not load the image (" in text
            assert "no space left on device" in text
            assert engine.docker("images", "-aq") == b""
    finally:
        unmount_below(data)
