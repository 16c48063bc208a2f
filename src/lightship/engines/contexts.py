"""Where the Docker client would look for its engine.

docker/cli: DOCKER_HOST, then DOCKER_CONTEXT, then `currentContext` of config.json; contexts are
stored in contexts/meta/<SHA-256 of the name>/meta.json, their certificates in contexts/tls.
"""

from __future__ import annotations

import hashlib
import os.path
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from lightship.engines.engine import NoEngineError

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULT = "default"
_MAX_BYTES = 1 << 20
_T = TypeVar("_T")


class Endpoint(Struct, frozen=True):
    """An engine that a user named.

    Attributes:
        host: as written: `unix:///run/docker.sock`, `tcp://host:2375`, `ssh://host`.
        named_by: for messages.
        certificates: whether it is reached with TLS.
    """

    host: str
    named_by: str
    certificates: bool = False


class _Config(Struct, frozen=True, rename="camel"):
    current_context: str = ""


class _DockerEndpoint(Struct, frozen=True, rename="pascal"):
    host: str = ""


class _Endpoints(Struct, frozen=True):
    docker: _DockerEndpoint = _DockerEndpoint()


class _Meta(Struct, frozen=True, rename="pascal"):
    name: str = ""
    endpoints: _Endpoints = _Endpoints()


def named_endpoint(environment: Mapping[str, str]) -> Endpoint | None:
    """The engine that the environment or Docker's own settings name; None for the usual places.

    Raises:
        NoEngineError: a context is named that is not there, or cannot be understood.
    """
    tls = bool(environment.get("DOCKER_TLS_VERIFY") or environment.get("DOCKER_TLS"))
    if host := environment.get("DOCKER_HOST", "").strip():
        return Endpoint(host, "DOCKER_HOST", tls)
    home = config_directory(environment)
    context, named_by = environment.get("DOCKER_CONTEXT", ""), "DOCKER_CONTEXT"
    if not context:
        context, named_by = _current_context(home), f"{home}/config.json"
    if context in ("", _DEFAULT):
        return None
    return _stored(home, context, named_by)


def config_directory(environment: Mapping[str, str]) -> Path:
    """The directory with Docker's settings: `$DOCKER_CONFIG`, else `~/.docker`."""
    named = environment.get("DOCKER_CONFIG")
    return Path(named) if named else home_directory(environment) / ".docker"


def home_directory(environment: Mapping[str, str]) -> Path:
    """The user's home."""
    return Path(environment.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111


def _current_context(home: Path) -> str:
    path = home / "config.json"
    try:
        return _read(path, _Config).current_context
    except (OSError, ValueError):  # there is none, or one that the client warns of and goes on
        return ""


def _stored(home: Path, context: str, named_by: str) -> Endpoint:
    key = hashlib.sha256(context.encode()).hexdigest()
    path = home / "contexts" / "meta" / key / "meta.json"
    try:
        host = _read(path, _Meta).endpoints.docker.host
    except FileNotFoundError:
        raise NoEngineError(
            f"there is no Docker context {context!r}, which {named_by} names",
            "`docker context ls` lists those there are.",
        ) from None
    except (OSError, ValueError) as error:
        raise NoEngineError(f"{path} cannot be read ({error})") from None
    if not host:
        raise NoEngineError(f"the Docker context {context!r} names no engine (see {path})")
    certificates = (home / "contexts" / "tls" / key / "docker").is_dir()
    return Endpoint(host, f"the Docker context {context!r}", certificates)


def _read(path: Path, kind: type[_T]) -> _T:
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ValueError(f"it has more than {_MAX_BYTES} bytes")
    return msgspec.json.decode(data, type=kind)
