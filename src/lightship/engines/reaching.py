"""How an engine is reached: through a socket, over TCP, or by its own program."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from lightship.engines.commanded import CommandedEngine
from lightship.engines.engine import NoEngineError
from lightship.engines.served import ServedEngine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.engines.contexts import Endpoint
    from lightship.engines.engine import Engine
    from lightship.net.options import NetOptions
    from lightship.progress import Progress

SAVING_SECONDS = 600.0
"""How long an engine may gather an image's layers before it sends the first byte."""
_DOCKER_PORT = 2375
_TITLES = {"docker": "Docker", "podman": "podman"}
_SAVE = {"docker": (), "podman": ("--quiet", "--format", "docker-archive")}
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


class Surroundings(Struct, frozen=True):
    """What there is to reach an engine with.

    Attributes:
        environment: of the user.
        network: how servers are reached; `offline` keeps to engines of this machine.
        progress: for the client.
    """

    environment: Mapping[str, str]
    network: NetOptions
    progress: Progress

    def program(self, name: str) -> str | None:
        """Where a program is."""
        return shutil.which(name, path=self.environment.get("PATH"))


def is_socket(path: str) -> bool:
    """Whether somebody may listen there."""
    try:
        return stat.S_ISSOCK(Path(path).stat().st_mode)
    except OSError:
        return False


def over_socket(path: str, kind: str, around: Surroundings) -> Engine:
    """The engine behind a socket.

    Raises:
        NoEngineError: there is no socket, or this user may not use it.
    """
    allowed = _may_use(path)
    if allowed and not is_socket(path):
        raise NoEngineError(
            f"no engine answers at {path} (there is no socket)",
            f"Start it, or pipe the image: `{kind} save X | lightship inspect -`.",
        )
    if not allowed:
        raise NoEngineError(
            f"this user may not use {path}",
            f"Ask as one who may, or pipe the image: `sudo {kind} save X | lightship inspect -`.",
        )
    from lightship.net.client import Client  # noqa: PLC0415 - only where there is an engine

    near = replace(around.network, offline=False)
    return ServedEngine(
        Client.over_socket(path, near, around.progress),
        Client.over_socket(path, replace(near, stall_seconds=SAVING_SECONDS), around.progress),
        "http://localhost",
        where=f"the {_TITLES[kind]} engine at {path}",
        place=path,
    )


def _may_use(path: str) -> bool:
    """Whether this user may connect, as far as the file system says; also of what is not there."""
    try:
        Path(path).stat()
    except PermissionError:
        return False
    except OSError:
        return True
    return os.access(path, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def reached(endpoint: Endpoint, kind: str, around: Surroundings) -> Engine:
    """The engine that a user named, the way that its address says.

    Raises:
        NoEngineError: there is no way from here.
    """
    scheme, _, rest = endpoint.host.partition("://")
    if scheme == "unix":
        return over_socket(f"/{rest.lstrip('/')}", kind, around)
    if around.network.offline and not _is_near(endpoint.host):
        raise NoEngineError(f"{endpoint.host} was not asked (--offline)")
    if scheme in {"tcp", "http"} and not endpoint.certificates:
        return _over_tcp(endpoint, kind, around)
    if around.program(kind) is None:
        raise NoEngineError(
            f"{endpoint.host} ({endpoint.named_by}) is reached by the {kind} program only, which is"
            " not on this machine",
            f"Pipe the image from where it is: `{kind} save X | lightship inspect -`.",
        )
    where = f"the {_TITLES[kind]} engine at {endpoint.host}"
    return by_program(kind, around, options=["--remote"] if kind == "podman" else [], where=where)


def by_program(kind: str, around: Surroundings, *, options: Sequence[str], where: str) -> Engine:
    """The engine that a program on this machine knows the way to.

    Raises:
        NoEngineError: there is no such program.
    """
    program = around.program(kind)
    if program is None:
        raise NoEngineError(f"there is no {kind} program on this machine")
    return CommandedEngine(
        (program, *options),
        _SAVE[kind],
        around.environment,
        stall_seconds=SAVING_SECONDS,
        where=where,
    )


def _over_tcp(endpoint: Endpoint, kind: str, around: Surroundings) -> Engine:
    """An engine without TLS: only because the user wrote its address."""
    try:
        parts = urlsplit(endpoint.host)
        host, port = parts.hostname, parts.port or _DOCKER_PORT
    except ValueError:
        host, port = None, 0
    if not host:
        raise NoEngineError(f"{endpoint.host!r} ({endpoint.named_by}) is no address of an engine")
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    from lightship.net.client import Client  # noqa: PLC0415 - only where there is an engine

    network = replace(around.network, offline=False, plain_http=frozenset((address,)), attempts=1)
    return ServedEngine(
        Client(network, around.progress),
        Client(replace(network, stall_seconds=SAVING_SECONDS), around.progress),
        f"http://{address}",
        where=f"the {_TITLES[kind]} engine at {address}",
        place=address,
    )


def _is_near(host: str) -> bool:
    try:
        return host.startswith("npipe:") or urlsplit(host).hostname in _LOOPBACK
    except ValueError:
        return False
