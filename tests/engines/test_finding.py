"""Which engine is asked, and what is said when none answers."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lightship.engines import finding
from lightship.engines.engine import NoEngineError, NotHeldError
from lightship.engines.finding import ask
from lightship.engines.reaching import Surroundings
from lightship.net.options import NetOptions
from lightship.progress import SILENT

from . import said
from .fake_engine import PODMAN, fake_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .fake_engine import FakeEngine

V = "/v1.41"
NOBODY = 65534


def around(environment: dict[str, str], *, offline: bool = False) -> Surroundings:
    home = {"HOME": "/nowhere", "PATH": "/nowhere"}
    return Surroundings(home | environment, NetOptions(offline=offline, stall_seconds=5), SILENT)


def refusal(kind: str, environment: dict[str, str], *, offline: bool = False) -> str:
    with pytest.raises(NoEngineError) as caught:
        ask(kind, "x", around(environment, offline=offline))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No engine of this machine is in the usual places."""
    monkeypatch.setattr(finding, "docker_sockets", lambda _: [str(tmp_path / "docker.sock")])
    sockets = str(tmp_path / "own.sock"), str(tmp_path / "system.sock")
    monkeypatch.setattr(finding, "podman_sockets", lambda _: sockets)
    return tmp_path


def usual(fakes: list[FakeEngine], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "docker_sockets", lambda _: [fake.socket for fake in fakes])


def held_by(fake: FakeEngine, *names: str) -> None:
    for name in names:
        fake.holds(V, name, said.docker(said.IMAGE_ID, name), b"")


def test_the_first_that_answers_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_engine() as stale, fake_engine() as first, fake_engine() as second:
        stale.answers.clear()
        usual([stale, first, second], monkeypatch)
        held_by(first, "x")
        held_by(second, "x", "y")
        engine, held = ask("docker", "x", around({}))
        assert first.socket in engine.where
        assert held.names == ("x",)
        with pytest.raises(NotHeldError, match="holds no image 'y'"):
            ask("docker", "y", around({}))
        assert second.asked == []


def test_an_engine_that_is_named_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_engine() as usual_one:
        usual([usual_one], monkeypatch)
        text = refusal("docker", {"DOCKER_HOST": "unix:///nowhere/socket"})
        assert "no engine answers at /nowhere/socket (there is no socket)" in text
        assert usual_one.asked == []


@pytest.mark.usefixtures("alone")
def test_no_engine_at_all() -> None:
    assert refusal("docker", {}) == (
        "no engine answers at /var/run/docker.sock."
        " Start Docker, or say with DOCKER_HOST where it listens."
    )
    assert refusal("podman", {}) == "there is no podman on this machine"


def test_a_file_that_is_no_socket(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    assert "there is no socket" in refusal("docker", {"DOCKER_HOST": f"unix://{tmp_path}/x"})


@contextmanager
def as_nobody() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("closed", ["socket", "directory"])
def test_a_socket_that_this_user_may_not_use(closed: str) -> None:
    with fake_engine() as fake:
        socket = Path(fake.socket)
        socket.chmod(0)
        socket.parent.chmod(0o755 if closed == "socket" else 0)
        try:
            with as_nobody():
                text = refusal("docker", fake.environment)
        finally:
            socket.parent.chmod(stat.S_IRWXU)
        assert f"this user may not use {fake.socket}" in text
        assert "sudo docker save X | lightship inspect -" in text
        assert fake.asked == []


@pytest.mark.parametrize("host", ["ssh://me@far", "tcp://192.0.2.1:2375", "tcp://far:1"])
def test_offline_keeps_to_this_machine(host: str) -> None:
    text = refusal("docker", {"DOCKER_HOST": host}, offline=True)
    assert text == f"{host} was not asked (--offline)"


def test_offline_engines_of_this_machine_are_asked() -> None:
    with fake_engine() as fake:
        held_by(fake, "x")
        assert ask("docker", "x", around(fake.environment, offline=True))


@pytest.mark.parametrize("host", ["tcp://", "tcp://x:port", "http://[::1"])
def test_an_address_that_is_none(host: str) -> None:
    assert "is no address of an engine" in refusal("docker", {"DOCKER_HOST": host})


def test_tcp_where_nobody_listens() -> None:
    text = refusal("docker", {"DOCKER_HOST": "tcp://127.0.0.1:1"})
    assert "no engine answers at 127.0.0.1:1 (the connection was refused)" in text


def test_podmans_service_is_asked_before_its_program(alone: Path) -> None:
    with fake_engine(PODMAN) as fake:
        fake.holds("/v4.3.1/libpod", "x", said.podman(said.IMAGE_ID, "localhost/x:latest"), b"")
        name = "system.sock" if os.geteuid() == 0 else "own.sock"
        (alone / name).symlink_to(fake.socket)
        engine, held = ask("podman", "x", around({}))
    assert held.names == ("localhost/x:latest",)
    assert engine.where == f"the podman engine at {alone / name}"


def test_a_service_of_podman_that_is_named() -> None:
    with fake_engine(PODMAN) as fake:
        fake.holds("/v4.3.1/libpod", "x", said.podman(), b"")
        engine, _ = ask("podman", "x", around({"CONTAINER_HOST": f"unix://{fake.socket}"}))
    assert fake.socket in engine.where


def test_a_service_that_hangs_up_leaves_podman_to_its_program(alone: Path) -> None:
    program = alone / "podman"
    program.write_text('#!/bin/sh\necho \'[{"Id": "' + "d8" * 32 + "\"}]'\n")
    program.chmod(0o755)
    with fake_engine(PODMAN) as fake:
        fake.answers["/_ping"] = b""
        (alone / ("system.sock" if os.geteuid() == 0 else "own.sock")).symlink_to(fake.socket)
        engine, held = ask("podman", "x", around({"PATH": str(alone)}))
        assert fake.asked == ["/_ping"]
    assert engine.where == "podman's storage"
    assert held.image_id == said.IMAGE_ID
