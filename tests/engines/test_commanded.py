"""An engine behind its program: what is asked of it, and how it fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from lightship.engines.contexts import Endpoint
from lightship.engines.engine import BrokenOffError, NoEngineError
from lightship.engines.finding import ask
from lightship.engines.reaching import Surroundings, by_program, reached
from lightship.net.options import NetOptions
from lightship.progress import SILENT

from . import said

if TYPE_CHECKING:
    from pathlib import Path

    from lightship.engines.engine import Engine

SYSTEM = "/usr/local/bin:/usr/bin:/bin"


class Program:
    """A shell script in the place of an engine's program, and the words it was called with."""

    def __init__(self, place: Path, name: str) -> None:
        self.path = place / name
        self.calls = place / "calls"
        self.temporary = place / "temporary"
        self.temporary.mkdir()
        environment = {"PATH": f"{place}:{SYSTEM}", "TMPDIR": str(self.temporary)}
        self.around = Surroundings(environment, NetOptions(), SILENT)
        self.name = name
        self.write()

    def write(
        self,
        *,
        inspect: str = "exit 9",
        save: str = "exit 9",
        load: str = "exit 9",
        info: str = "exit 9",
    ) -> None:
        self.path.write_text(
            f'#!/bin/sh\necho "$@" >> {self.calls}\ncase "$*" in\n'
            f"*'image inspect -- '*) {inspect};;\n*' save '*) {save};;\n"
            f"*' load '*) {load};;\n*' info '*) {info};;\n*) exit 99;;\nesac\n"
        )
        self.path.chmod(0o755)

    @property
    def engine(self) -> Engine:
        return by_program(self.name, self.around, options=["--root", "/r"], where="the storage")

    def words(self) -> list[str]:
        return self.calls.read_text().splitlines()


@pytest.fixture
def podman(tmp_path: Path) -> Program:
    return Program(tmp_path, "podman")


def prints(document: object) -> str:
    return f"echo '{json.dumps(document)}'"


def received(engine: Engine, name: str) -> bytes:
    with engine.saved(name, None) as pieces:
        return b"".join(pieces)


def test_an_image_is_asked_for_and_saved(podman: Program) -> None:
    podman.write(inspect=prints([said.podman(said.IMAGE_ID, "h/x:1")]), save="printf tar")
    held = podman.engine.held("h/x:1")
    assert held is not None
    assert held.names == ("h/x:1",)
    assert received(podman.engine, "h/x:1") == b"tar"
    assert podman.words() == [
        "--root /r image inspect -- h/x:1",
        "--root /r save --quiet --format docker-archive -- h/x:1",
    ]


@pytest.mark.parametrize(
    "complaint",
    [
        "Error: inspecting object: x: image not known",
        "Error: No such image: x",
        "Error response from daemon: No such image: x:latest",
    ],
)
def test_an_image_that_is_not_there(complaint: str, podman: Program) -> None:
    podman.write(inspect=f"echo '[]'; echo '{complaint}' >&2; exit 1")
    assert podman.engine.held("x") is None


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo 'Error: no way there' >&2; exit 125", "does not answer: no way there"),
        ("exit 4", "does not answer: exit code 4"),
        ("echo hello", "cannot be understood"),
        ("echo '[]'", "cannot be understood"),
        ("head -c 20000000 /dev/zero", "writes more than"),
    ],
)
def test_a_program_that_does_not_answer(script: str, told: str, podman: Program) -> None:
    podman.write(inspect=script)
    with pytest.raises(NoEngineError, match=told) as caught:
        podman.engine.held("x")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("printf half; echo 'Error: disk full' >&2; exit 125", "disk full"),
        ("printf half; kill -9 $$", "ended by signal 9"),
    ],
)
def test_a_program_that_breaks_off(script: str, told: str, podman: Program) -> None:
    podman.write(save=f"touch $TMPDIR/blob; {script}")
    with pytest.raises(BrokenOffError, match=told) as caught:
        received(podman.engine, "x")
    assert "the storage did not save 'x' to its end" in str(caught.value)
    assert list(podman.temporary.iterdir()) == []


def test_a_store_of_this_machine_is_not_asked_of_a_service(podman: Program) -> None:
    """With CONTAINER_HOST podman takes no --root."""
    podman.write(
        inspect=f'echo "host $CONTAINER_HOST" >> {podman.calls}; {prints([said.podman()])}'
    )
    far = {"CONTAINER_HOST": "ssh://me@far", "CONTAINER_CONNECTION": "far"}
    around = replace(podman.around, environment={**podman.around.environment, **far})
    engine, _ = ask("podman", "[vfs@/r]x", around)
    assert podman.words() == ["--root /r --storage-driver vfs image inspect -- x", "host "]
    assert engine.where == "podman's storage"


@pytest.mark.parametrize(
    ("endpoint", "kind", "words"),
    [
        (Endpoint("ssh://me@far", "DOCKER_HOST"), "docker", "image inspect -- x"),
        (Endpoint("tcp://far:2376", "DOCKER_HOST", True), "docker", "image inspect -- x"),
        (Endpoint("ssh://me@far", "CONTAINER_HOST"), "podman", "--remote image inspect -- x"),
    ],
)
def test_programs_know_the_way_to_far_engines(
    endpoint: Endpoint, kind: str, words: str, tmp_path: Path
) -> None:
    program = Program(tmp_path, kind)
    program.write(inspect=prints([said.docker()]))
    engine = reached(endpoint, kind, program.around)
    assert engine.held("x") is not None
    assert program.words() == [words]
    assert endpoint.host in engine.where
