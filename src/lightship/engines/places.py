"""Where engines listen if nobody says otherwise, and where podman stores.

Docker's own client knows one socket; rootless Docker, Docker Desktop, Colima, OrbStack and Rancher
Desktop have others.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lightship.engines.contexts import home_directory

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCKER_SOCKET = "/var/run/docker.sock"
PODMAN_SOCKET = "/run/podman/podman.sock"


def docker_sockets(environment: Mapping[str, str]) -> list[str]:
    """Docker's, the likeliest first."""
    home = home_directory(environment)
    return [
        DOCKER_SOCKET,
        f"{_runtime(environment)}/docker.sock",
        f"{home}/.docker/run/docker.sock",
        f"{home}/.docker/desktop/docker.sock",
        f"{home}/.colima/default/docker.sock",
        f"{home}/.orbstack/run/docker.sock",
        f"{home}/.rd/docker.sock",
    ]


def podman_sockets(environment: Mapping[str, str]) -> tuple[str, str]:
    """Podman's service: the user's own, and the system's."""
    return f"{_runtime(environment)}/podman/podman.sock", PODMAN_SOCKET


def own_name(name: str) -> str:
    """An image's name without the store before it."""
    return name.rpartition("]")[2] if name.startswith("[") else name


def storage_options(name: str) -> list[str]:
    """Podman's options for a store as skopeo writes it: `[driver@root+run:option,option]name`.

    containers-storage.5, "containers-storage:".
    """
    store = name[1:].partition("]")[0]
    driver, _, rest = store.rpartition("@")
    places, _, options = rest.partition(":")
    root, _, run = places.partition("+")
    words = ["--root", root]
    words += ["--runroot", run] if run else []
    words += ["--storage-driver", driver] if driver else []
    for option in filter(None, options.split(",")):
        words += ["--storage-opt", option]
    return words


def _runtime(environment: Mapping[str, str]) -> str:
    return environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
