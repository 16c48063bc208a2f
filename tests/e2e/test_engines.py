"""Images in engines: the figures are those of the same image as a file; whoever fails says so."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lightship.testing import build_image

from .certificates import authority, server
from .dockerd import docker_engine
from .oracle import image_id
from .programs import Lightship, docker_client, run
from .registry_server import registry
from .relay import relay
from .test_stdin import assert_same_image
from .workshop import named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .workshop import Built, Workshop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system("docker.io", "docker-cli", "buildah", "podman", "skopeo"),
    pytest.mark.xdist_group("engine"),
]
LARGE_BYTES = 30_000_000
NOBODY = {"DOCKER_HOST": "unix:///nowhere/docker.sock", "CONTAINER_HOST": "unix:///nowhere/podman"}


def within(lightship: Lightship, environment: Mapping[str, str]) -> Lightship:
    """The same program, for one who reaches these engines and no others."""
    other = Lightship(Path(lightship.environment["XDG_CACHE_HOME"]))
    other.environment |= {**NOBODY, **environment}
    return other


def assert_same_answers(lightship: Lightship, held: str, form: str) -> None:
    ours = lightship.json("inspect", "--no-cache", held)
    assert_same_image(ours, lightship.json("inspect", "--no-cache", form))
    # Not from the cache, which remembers what an earlier --exact found out.
    of_engine = lightship.json("history", "--no-cache", held)
    of_file = lightship.json("history", "--no-cache", form)
    for answer in (of_engine, of_file):
        del answer["reference"]
        for row in answer["rows"]:
            if row["wire_bytes_estimated"]:
                del row["wire_bytes"]  # held to its error above; another sample may say another
    assert of_engine == of_file


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def podman_service(workshop: Workshop) -> Iterator[str]:
    """`podman system service` over the workshop's store; the address of its socket."""
    with tempfile.TemporaryDirectory(prefix="lightship-") as place:
        listening = Path(place) / "socket"
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "podman", *workshop.store,
             "system", "service", "--time", "0", f"unix://{listening}"],
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 60
            while not listening.exists():
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield f"unix://{listening}"
        finally:
            process.terminate()
            process.wait(60)


@pytest.mark.parametrize("builder", ["legacy", "buildkit"])
def test_docker_holds_what_docker_saves(
    builder: str, workshop: Workshop, built: dict[str, Built], lightship: Lightship
) -> None:
    with workshop.engine() as engine:
        ours = within(lightship, engine.environment)
        form = built[builder].forms["docker-save"]
        assert_same_answers(ours, f"docker:{named(builder)}", form.reference)
        for text in (image_id(form), image_id(form)[7:19], image_id(form)[7:13]):
            image = ours.json("inspect", f"docker:{text}")["image"]
            assert image["reference"] == f"docker:{image_id(form)}"
        image = ours.json("inspect", f"docker-daemon:{named(builder)}")["image"]
        assert image["reference"] == f"docker:{named(builder)}"
        (all_of_it,) = ours.json("inspect", "--all-platforms", f"docker:{named(builder)}")[
            "reports"
        ]
        assert all_of_it["image"]["image_id"] == image_id(form)


def test_exact_wire_bytes_are_those_of_the_file(
    workshop: Workshop, built: dict[str, Built], lightship: Lightship
) -> None:
    form = built["legacy"].forms["docker-save"]
    with workshop.engine() as engine:
        ours = within(lightship, engine.environment)
        held = ours.json("inspect", "--exact", f"docker:{named('legacy')}")
    saved = lightship.json("inspect", "--exact", form.reference)
    del held["image"]["reference"], saved["image"]["reference"], held["verified"], saved["verified"]
    assert held == saved


@pytest.mark.parametrize("builder", ["buildkit", "buildah"])
def test_podmans_storage_holds_what_podman_saves(
    builder: str, workshop: Workshop, built: dict[str, Built], lightship: Lightship
) -> None:
    ours = within(lightship, {})
    form = built[builder].forms["podman-docker-archive"]
    root = f"[overlay@{workshop.root}/store+{workshop.root}/run]"
    with workshop.alone():
        assert_same_answers(ours, f"podman:{root}{named(builder)}", form.reference)
        # As skopeo writes it, and as podman shortens it.
        for text in (workshop.stored(builder), f"podman:{root}mistakes:{builder}"):
            image = ours.json("inspect", text)["image"]
            assert image["reference"] == f"podman:{root}{named(builder)}"
        image = ours.json("inspect", f"podman:{root}{image_id(form)[7:19]}")["image"]
        assert image["reference"] == f"podman:{root}{image_id(form)}"
        assert_one_line(ours.start("inspect", f"podman:{root}nope"), 3, "holds no image 'nope'")


@pytest.mark.parametrize("builder", ["buildkit", "buildah"])
def test_podmans_service_gives_the_same(
    builder: str, workshop: Workshop, built: dict[str, Built], lightship: Lightship
) -> None:
    form = built[builder].forms["podman-docker-archive"]
    with workshop.alone(), podman_service(workshop) as address:
        ours = within(lightship, {"CONTAINER_HOST": address})
        assert_same_answers(ours, f"podman:{named(builder)}", form.reference)
        # A bare name, short as podman takes it; Docker is asked first and does not run.
        done = ours.start("inspect", f"mistakes:{builder}")
        assert done.returncode == 0
        told = f"lightship: 'mistakes:{builder}' was found as podman:{named(builder)}\n"
        assert done.stderr.decode() == told
        # And as Docker's API, which podman serves as well.
        image = within(lightship, {"DOCKER_HOST": address}).json(
            "inspect", f"docker:{named(builder)}"
        )
        assert image["image"]["image_id"] == image_id(form)


def assert_one_line(done: subprocess.CompletedProcess[bytes], code: int, *told: str) -> str:
    text = done.stderr.decode()
    assert done.returncode == code, text
    assert done.stdout == b""
    assert text.startswith("lightship: error: ")
    assert text.count("\n") == 1
    for words in told:
        assert words in text
    return text


def test_a_bare_name_is_looked_for_in_engines_then_in_its_registry(
    workshop: Workshop, built: dict[str, Built], lightship: Lightship
) -> None:
    with workshop.engine() as engine:
        ours = within(lightship, engine.environment)
        name = named("legacy")
        done = ours.start("inspect", name)
        assert done.stdout.startswith(f"docker:{name}\n".encode())
        assert done.stderr.decode() == f"lightship: {name!r} was found as docker:{name}\n"
        short = image_id(built["legacy"].forms["docker-save"])[7:19]
        assert ours.json("inspect", short)["image"]["image_id"].startswith(f"sha256:{short}")
        assert_one_line(
            ours.start("inspect", "localhost:1/nobody/has:it"),
            3,
            "'localhost:1/nobody/has:it' is no file, and nobody has it (docker: does not have it;",
            "podman: no engine answers at /nowhere/podman",
            "registry: ",
        )
        assert_one_line(
            ours.start("inspect", "ab" * 32), 3, "no engine has the image ID", "NAME@sha256:DIGEST"
        )
        text = assert_one_line(
            ours.start("inspect", "--platform", "linux/arm64", "--offline", name),
            3,
            "docker: holds linux/amd64;",
            "registry: not asked (--offline)",
        )
        assert "Traceback" not in text
        refused = ours.start("inspect", "--platform", "linux/arm64", f"docker:{name}")
        assert_one_line(refused, 3, "holds no image for linux/arm64. It holds linux/amd64.")
        assert_one_line(ours.start("inspect", "docker:no/such"), 3, "holds no image 'no/such'")


@pytest.mark.system("docker-registry")
def test_a_platform_that_the_engine_lacks_comes_from_the_registry(
    workshop: Workshop, lightship: Lightship, tmp_path: Path
) -> None:
    here, there = (
        build_image([{"a": architecture.encode()}], directory=tmp_path, form="docker-archive",
                    codec="plain", name="localhost/x:1", platform=f"linux/{architecture}")
        for architecture in ("amd64", "arm64")
    )  # fmt: skip
    with registry(tmp_path / "registry") as server, workshop.engine() as engine:
        name = f"{server.host}/x:1"
        server.push(there, "x:1")
        engine.docker("load", "-q", "-i", here.partition(":")[2])
        engine.docker("tag", "localhost/x:1", name)
        ours = within(lightship, engine.environment)
        words = ("inspect", *server.options, name)
        assert ours.json(*words)["image"]["reference"] == f"docker:{name}"
        arm = ours.start(*words, "--platform", "linux/arm64")
        assert arm.stdout.startswith(f"registry:{name}\nlinux/arm64".encode())
        told = f"lightship: {name!r} was found as registry:{name} (docker: holds linux/amd64)\n"
        assert arm.stderr.decode() == told
        engine.docker("rmi", name)
        assert ours.json(*words, "--platform", "linux/arm64")["image"]["platform"] == "linux/arm64"


def test_an_engine_of_a_context_is_found_where_dockers_client_put_it(
    workshop: Workshop, lightship: Lightship, tmp_path: Path
) -> None:
    with workshop.engine() as engine:
        config = {"DOCKER_CONFIG": str(tmp_path)}
        address = engine.environment["DOCKER_HOST"]
        create = ("context", "create", "ours", "--docker", f"host={address}")
        run(docker_client(), *create, env={**config, "DOCKER_HOST": ""})
        ours = within(lightship, {**config, "DOCKER_HOST": "", "DOCKER_CONTEXT": "ours"})
        wanted = f"docker:{named('legacy')}"
        assert ours.json("inspect", wanted)["image"]["reference"] == wanted
        run(docker_client(), "context", "use", "ours", env={**config, "DOCKER_HOST": ""})
        ours = within(lightship, {**config, "DOCKER_HOST": ""})
        assert ours.json("inspect", wanted)["image"]["reference"] == wanted


def test_an_engine_over_tcp(
    workshop: Workshop, built: dict[str, Built], lightship: Lightship
) -> None:
    with workshop.engine() as engine, relay(engine.socket, tcp=True) as address:
        ours = within(lightship, {"DOCKER_HOST": address})
        form = built["legacy"].forms["docker-save"]
        assert_same_answers(ours, f"docker:{named('legacy')}", form.reference)


def test_an_engine_with_certificates_is_reached_by_dockers_client(
    lightship: Lightship, tmp_path: Path
) -> None:
    vouching = authority(tmp_path / "authority")
    theirs = server(tmp_path / "authority", vouching)
    ours = tmp_path / "ours"
    ours.mkdir()
    client = server(ours, vouching, "client")
    client.certificate.rename(ours / "cert.pem")
    client.key.rename(ours / "key.pem")
    shutil.copy(vouching.certificate, ours / "ca.pem")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "docker").symlink_to(docker_client())
    address = f"tcp://127.0.0.1:{free_port()}"
    form = build_image(
        [{"a": b"x" * 1000}, {".wh.a": b""}],
        directory=tmp_path, form="docker-archive", codec="plain", name="localhost/x:1",
    )  # fmt: skip
    options = ("--tlsverify", "--tlscacert", vouching.certificate, "--tlscert", theirs.certificate,
               "--tlskey", theirs.key, "-H", address)  # fmt: skip
    with docker_engine(tmp_path / "docker", *options) as engine:
        engine.docker("load", "-q", "-i", form.partition(":")[2])
        trusted = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(ours)}
        path = {"PATH": f"{programs}:{os.environ['PATH']}", "DOCKER_HOST": address}
        asking = within(lightship, {**trusted, **path})
        assert_same_answers(asking, "docker:localhost/x:1", form)
        assert_one_line(asking.start("inspect", "docker:no/such"), 3, "holds no image 'no/such'")
        stranger = within(lightship, path)
        told = f"what answers at {address[6:]} is no engine (it answers with status 400)"
        refused = stranger.start("inspect", "docker:localhost/x:1")
        assert_one_line(refused, 3, told, "set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH")
    assert_one_line(asking.start("inspect", "docker:localhost/x:1"), 3, "does not answer: ")


def test_an_engine_that_is_killed_in_mid_stream(lightship: Lightship, tmp_path: Path) -> None:
    layer = {"a": os.urandom(LARGE_BYTES)}
    reference = build_image(
        [layer], directory=tmp_path, form="docker-archive", codec="plain", name="localhost/large:1"
    )
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with docker_engine(tmp_path / "docker") as engine:
        engine.docker("load", "-q", "-i", reference.partition(":")[2])
        half = {"after_bytes": LARGE_BYTES // 2, "then": engine.kill}
        with relay(engine.socket, **half) as address:  # type: ignore[arg-type]
            ours = within(lightship, {"DOCKER_HOST": address, "TMPDIR": str(temporary)})
            ours.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
            done = ours.start("inspect", "localhost/large:1")
        assert engine.process.returncode is not None
    assert_one_line(done, 3, "did not send 'localhost/large:1' to its end")
    assert list(temporary.iterdir()) == []
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_two_engines_answer_as_one_image(
    workshop: Workshop, built: dict[str, Built], lightship: Lightship
) -> None:
    """What BuildKit made, in Docker and in podman: every figure but the estimates is equal."""
    with workshop.engine() as engine:
        docker = within(lightship, engine.environment)
        held: list[Any] = [docker.json("inspect", f"docker:{named('buildkit')}")]
    with workshop.alone():
        stored = workshop.stored("buildkit")
        held.append(within(lightship, {}).json("inspect", stored))
    assert built
    for answer in held:
        del answer["image"]["reference"], answer["verified"], answer["pull"]
        for figures in (answer["image"], *answer["layers"]):
            del figures["wire_bytes"], figures["wire_bytes_error"]
    assert json.dumps(held[0], sort_keys=True) == json.dumps(held[1], sort_keys=True)
