import pytest

from lightship.engines.places import (
    DOCKER_SOCKET,
    docker_sockets,
    own_name,
    podman_sockets,
    storage_options,
)


def test_dockers_own_socket_comes_first_then_the_users() -> None:
    found = docker_sockets({"HOME": "/home/me", "XDG_RUNTIME_DIR": "/run/user/7"})
    assert found[:2] == [DOCKER_SOCKET, "/run/user/7/docker.sock"]
    assert "/home/me/.docker/run/docker.sock" in found
    assert "/home/me/.colima/default/docker.sock" in found


def test_podmans_sockets() -> None:
    own, system = podman_sockets({"XDG_RUNTIME_DIR": "/run/user/7"})
    assert own == "/run/user/7/podman/podman.sock"
    assert system == "/run/podman/podman.sock"


@pytest.mark.parametrize(
    ("name", "options", "image"),
    [
        ("[/r]x", ["--root", "/r"], "x"),
        ("[/r+/q]x:1", ["--root", "/r", "--runroot", "/q"], "x:1"),
        ("[overlay@/r]h/x", ["--root", "/r", "--storage-driver", "overlay"], "h/x"),
        (
            "[overlay@/r+/q:a=1,b=2]h:5000/x@sha256:0",
            [
                *("--root", "/r", "--runroot", "/q", "--storage-driver", "overlay"),
                *("--storage-opt", "a=1", "--storage-opt", "b=2"),
            ],
            "h:5000/x@sha256:0",
        ),
    ],
)
def test_a_store_before_a_name(name: str, options: list[str], image: str) -> None:
    assert storage_options(name) == options
    assert own_name(name) == image


def test_a_name_alone() -> None:
    assert own_name("localhost/x:1") == "localhost/x:1"
