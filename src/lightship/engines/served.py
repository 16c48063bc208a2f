"""An engine that serves its API: Docker's over HTTP, podman's beside it (libpod).

Docker Engine API: `/_ping`, `/images/{name}/json`, `/images/{name}/get`, POST `/images/load`;
podman answers `/_ping` too, and says there which version of its own API it has. Podman's own is
used where it is: its Docker API looks short names up in Docker Hub, its own where podman does.
"""

from __future__ import annotations

import json
import re
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from msgspec import Struct

from lightship.engines.engine import BrokenOffError, NoEngineError
from lightship.engines.inspected import keeps_platforms, read_image
from lightship.engines.loading import (
    ANSWER_BYTES,
    ANSWER_SECONDS,
    NotLoadedError,
    body_of,
    failure,
)
from lightship.errors import UnreachableError
from lightship.net.errors import RequestError, StatusError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from lightship.engines.engine import Held
    from lightship.model.platform import Platform
    from lightship.net.client import Client, Response

_NEWEST = (1, 48)
"""The Docker API that is spoken at most: the first that lists platforms."""
_PIECE = 1 << 20
_LIMIT = 16 << 20
_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,4}){1,2}")
_MESSAGE_CHARACTERS = 300


class Routes(Struct, frozen=True):
    """Where an engine has its images."""

    prefix: str
    inspect_query: str = ""
    get_query: str = ""
    load_query: str = ""
    takes_platform: bool = False


class ServedEngine:
    """An engine behind an API (`engines.engine.Engine`).

    Args:
        client: reaches it.
        patient: reaches it too, and waits for the first byte of an archive: Docker gathers all
            layers in a directory before it sends one.
        base: `http://localhost`, or where it listens.
        where: for messages.
        place: the socket or address, for messages.
    """

    def __init__(
        self, client: Client, patient: Client, base: str, *, where: str, place: str
    ) -> None:
        self.where = where
        self._client = client
        self._patient = patient
        self._base = base
        self._place = place
        self._routes: Routes | None = None

    def held(self, name: str) -> Held | None:
        routes = self._known_routes()
        answer = self._get(f"{routes.prefix}/images/{quoted(name)}/json{routes.inspect_query}")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise NoEngineError(f"{self.where} answers {told(answer)}")
        try:
            return read_image(answer.body)
        except ValueError:
            raise self._strange() from None

    @contextmanager
    def saved(self, name: str, platform: Platform | None) -> Iterator[Iterator[bytes]]:
        routes = self._known_routes()
        query = routes.get_query
        if platform is not None and routes.takes_platform:
            query = f"?platform={quote(_as_json(platform), safe='')}"
        url = f"{self._base}{routes.prefix}/images/{quoted(name)}/get{query}"
        try:
            stream = self._patient.open(url, expected_bytes=None)
        except UnreachableError as error:
            raise self._broken_off(name, _reason(error)) from None

        def pieces() -> Iterator[bytes]:
            try:
                while piece := stream.read(_PIECE):
                    yield piece
            except UnreachableError as error:
                raise self._broken_off(name, _reason(error)) from None

        with closing(stream):
            yield pieces()

    def load(self, archive: Path) -> None:
        try:
            routes = self._known_routes()
            answer = self._patient.post(
                f"{self._base}{routes.prefix}/images/load{routes.load_query}",
                body_of(archive),
                limit=ANSWER_BYTES,
                answer_seconds=ANSWER_SECONDS,
            )
        except UnreachableError as error:
            raise self._not_loaded(_reason(error)) from None
        if answer.status != 200:
            raise self._not_loaded(f"it answers {told(answer)}")
        if words := failure(answer.body):
            raise self._not_loaded(words)

    def keeps_platforms(self) -> bool:
        routes = self._known_routes()
        answer = self._get(f"{routes.prefix}/info")
        return answer.status == 200 and keeps_platforms(answer.body)

    def _known_routes(self) -> Routes:
        if self._routes is None:
            answer = self._get("/_ping")
            if answer.status != 200:
                raise self._strange(f" (it answers {told(answer)})", self._if_secured())
            routes = routes_by(answer.headers)
            if routes is None:
                raise self._strange()
            self._routes = routes
        return self._routes

    def _get(self, path: str) -> Response:
        try:
            return self._client.get(f"{self._base}{path}", limit=_LIMIT)
        except UnreachableError as error:
            raise NoEngineError(
                f"no engine answers at {self._place} ({_reason(error)})",
                "Is it running?",
            ) from None

    def _strange(self, more: str = "", hint: str = "") -> NoEngineError:
        return NoEngineError(f"what answers at {self._place} is no engine{more}", hint)

    def _if_secured(self) -> str:
        if self._place.startswith("/"):
            return ""
        return "If it wants certificates, set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH."

    def _not_loaded(self, reason: str) -> NotLoadedError:
        return NotLoadedError(
            f"{self.where} did not load the image ({reason})", "Look at the engine's own log."
        )

    def _broken_off(self, name: str, reason: str) -> BrokenOffError:
        return BrokenOffError(
            f"{self.where} did not send {name!r} to its end ({reason})",
            "Look at the engine's own log, and ask again.",
        )


def routes_by(headers: Mapping[str, str]) -> Routes | None:
    """The routes of the engine that answered `/_ping` so; None if it is none."""
    libpod = headers.get("libpod-api-version", "")
    if _VERSION.fullmatch(libpod):
        return Routes(f"/v{libpod}/libpod", get_query="?format=docker-archive")
    docker = headers.get("api-version", "")
    if not _VERSION.fullmatch(docker):
        return None
    theirs = tuple(map(int, docker.split(".")))[:2]
    version = min(theirs, _NEWEST)
    prefix = f"/v{version[0]}.{version[1]}"
    if version < _NEWEST:
        return Routes(prefix, load_query="?quiet=1")
    return Routes(prefix, inspect_query="?manifests=1", load_query="?quiet=1", takes_platform=True)


def quoted(name: str) -> str:
    """An image's name as one part of a path; engines take slashes as they are."""
    return quote(name, safe="/:@")


def told(answer: Response) -> str:
    """A refusal, as far as the engine words it."""
    try:
        message = msgspec.json.decode(answer.body, type=dict[str, object]).get("message")
    except ValueError:
        message = None
    if not isinstance(message, str) or not message.strip():
        return f"with status {answer.status}"
    line = " ".join(message.split()).rstrip(".")
    return f"with status {answer.status}: {line[:_MESSAGE_CHARACTERS]}"


def _reason(error: UnreachableError) -> str:
    if isinstance(error, StatusError) and error.answer is not None:
        return f"it answers {told(error.answer)}"
    return error.problem if isinstance(error, RequestError) else error.what


def _as_json(platform: Platform) -> str:
    said = {"os": platform.os, "architecture": platform.architecture, "variant": platform.variant}
    return json.dumps({key: value for key, value in said.items() if value}, separators=(",", ":"))
