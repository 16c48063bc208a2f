"""Which engines a user has, the likeliest first, and which of them answers."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from lightship.engines.contexts import Endpoint, named_endpoint
from lightship.engines.engine import NoEngineError, NotHeldError
from lightship.engines.places import (
    DOCKER_SOCKET,
    docker_sockets,
    own_name,
    podman_sockets,
    storage_options,
)
from lightship.engines.reaching import Surroundings, by_program, is_socket, over_socket, reached

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightship.engines.engine import Engine, Held

    _Way: TypeAlias = Callable[[], Engine]

_STORAGE = "podman's storage"
# With one of these podman asks a service, which takes no options of a store.
_FAR = frozenset(("CONTAINER_HOST", "CONTAINER_CONNECTION"))


def ask(kind: str, name: str, around: Surroundings) -> tuple[Engine, Held]:
    """The first engine that answers, with what it says of an image.

    Args:
        kind: `docker` or `podman`.
        name: a name or ID; for podman, perhaps with a `[driver@root+run]` before it.
        around: what engines are reached with.

    Raises:
        NotHeldError: it does not hold the image.
        NoEngineError: none answers.
    """
    engine, held = first_to_answer(kind, name, around)
    if held is None:
        raise NotHeldError(
            f"{engine.where} holds no image {own_name(name)!r}",
            f"`{kind} images` lists what it holds; what a registry holds is registry:NAME.",
        )
    return engine, held


def first_to_answer(kind: str, name: str, around: Surroundings) -> tuple[Engine, Held | None]:
    """The first engine that answers, whether or not it holds an image of that name.

    Raises:
        NoEngineError: none answers.
    """
    wanted = own_name(name)
    silent: NoEngineError | None = None
    for way in _WAYS[kind](name, around):
        try:
            engine = way()
            return engine, engine.held(wanted)
        except NoEngineError as error:
            silent = silent or error
    raise silent or _nobody(kind)


def _nobody(kind: str) -> NoEngineError:
    if kind == "podman":
        return NoEngineError("there is no podman on this machine")
    return NoEngineError(
        f"no engine answers at {DOCKER_SOCKET}",
        "Start Docker, or say with DOCKER_HOST where it listens.",
    )


def _ways_to_docker(_name: str, around: Surroundings) -> Iterator[_Way]:
    endpoint = named_endpoint(around.environment)
    if endpoint is not None:
        yield partial(reached, endpoint, "docker", around)
        return
    for path in filter(is_socket, docker_sockets(around.environment)):
        yield partial(over_socket, path, "docker", around)


def _ways_to_podman(name: str, around: Surroundings) -> Iterator[_Way]:
    program = partial(by_program, "podman", around, where=_STORAGE)
    if name.startswith("["):
        here = {k: v for k, v in around.environment.items() if k not in _FAR}
        yield partial(
            by_program,
            "podman",
            replace(around, environment=here),
            options=storage_options(name),
            where=_STORAGE,
        )
        return
    if host := around.environment.get("CONTAINER_HOST", "").strip():
        yield partial(reached, Endpoint(host, "CONTAINER_HOST"), "podman", around)
        return
    own, system = podman_sockets(around.environment)
    if os.geteuid() == 0:
        own, system = system, own
    if is_socket(own):
        yield partial(over_socket, own, "podman", around)
    if around.program("podman"):
        yield partial(program, options=())
    if is_socket(system):
        yield partial(over_socket, system, "podman", around)


_WAYS: dict[str, Callable[[str, Surroundings], Iterator[_Way]]] = {
    "docker": _ways_to_docker,
    "podman": _ways_to_podman,
}
