"""Whose credentials go to a registry, and where they are kept.

Files: containers-auth.json(5), and Docker's config.json (docker/cli, cli/config/configfile). A
`.dockerconfigjson` of a Kubernetes secret has the same shape, `.dockercfg` only its `auths`.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lightship.errors import CorruptInputError, UsageError
from lightship.model import jsontext
from lightship.net.secret import Secret
from lightship.transports.registry.names import DOCKER_HUB, DOCKER_HUB_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lightship.transports.access import Access

MAX_FILE_BYTES = 4 * 1024 * 1024
_HUB_KEY = "https://index.docker.io/v1/"


class Credentials(Struct, frozen=True):
    """What may be sent for a registry. One of password and the two tokens is there.

    Attributes:
        user: not empty where there is a password.
        identity_token: to be exchanged for a token at the token service (OAuth2 refresh token).
        registry_token: sent to the registry as it is.
        origin: where they were found, for messages.
    """

    origin: str
    user: str = ""
    password: Secret | None = None
    identity_token: Secret | None = None
    registry_token: Secret | None = None

    def basic(self) -> Secret | None:
        """The header Authorization by user and password (RFC 7617)."""
        if self.password is None:
            return None
        pair = f"{self.user}:{self.password.reveal()}".encode()
        return Secret("Basic " + base64.b64encode(pair).decode())


class _Auth(Struct, frozen=True):
    auth: str = ""
    username: str = ""
    password: str = ""
    identitytoken: str = ""
    registrytoken: str = ""


class _File(Struct, frozen=True):
    """A credentials file; its keys as in Docker's, which match whatever their case."""

    auths: dict[str, object] | None = None
    creds_store: str = msgspec.field(name="credsStore", default="")
    cred_helpers: dict[str, str] | None = msgspec.field(name="credHelpers", default=None)


def find(host: str, repository: str, access: Access) -> Credentials | None:
    """The credentials for a repository: of the first file that has some, the most specific there.

    Raises:
        UsageError: a file cannot be read or understood.
        UnreachableError: a credential helper fails.
    """
    for path in _files(access):
        file = _read(path, named=path == access.auth_file)
        if file is None:
            continue
        found = _of_file(file, str(path), host, repository, access.environment)
        if found is not None:
            return found
    return None


def _files(access: Access) -> Iterator[Path]:
    if access.auth_file is not None:
        yield access.auth_file
        return
    environment = access.environment
    if named := environment.get("REGISTRY_AUTH_FILE"):
        yield Path(named)
    if runtime := environment.get("XDG_RUNTIME_DIR"):
        yield Path(runtime, "containers", "auth.json")
    home = environment.get("HOME")
    if own := environment.get("XDG_CONFIG_HOME") or (home and f"{home}/.config"):
        yield Path(own, "containers", "auth.json")
    if docker := environment.get("DOCKER_CONFIG") or (home and f"{home}/.docker"):
        yield Path(docker, "config.json")
    if home:
        yield Path(home, ".dockercfg")


def _read(path: Path, *, named: bool) -> _File | None:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        if named:
            raise UsageError(f"{path}: {error.strerror}", "Correct --auth-file.") from None
        return None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    what = f"the credentials file {path}"
    try:
        return _decoded_file(data, what)
    except CorruptInputError as problem:
        raise UsageError(
            problem.what, "Write it again with `docker login` or `podman login`."
        ) from None


def _decoded_file(data: bytes, what: str) -> _File:
    if not data.strip():
        return _File()
    value = jsontext.parse(data, what=what, limit=MAX_FILE_BYTES)
    if not isinstance(value, dict):
        raise CorruptInputError(f"{what} is no JSON object")
    if {"auths", "credsstore", "credhelpers"} & {key.casefold() for key in value}:
        return jsontext.convert(value, _File, what=what)
    auths: dict[str, object] = {key: one for key, one in value.items() if isinstance(one, dict)}
    return _File(auths)  # .dockercfg


def _of_file(
    file: _File, origin: str, host: str, repository: str, environment: Mapping[str, str]
) -> Credentials | None:
    for key in _matching(file.cred_helpers or {}, host, repository):
        found = _of_helper((file.cred_helpers or {})[key], host, environment)
        if found is not None:
            return found
    if file.creds_store:
        found = _of_helper(file.creds_store, host, environment)
        if found is not None:
            return found
    auths = file.auths or {}
    for key in _matching(auths, host, repository):
        found = _of_entry(auths[key], key, origin)
        if found is not None:
            return found
    return None


def _of_helper(name: str, host: str, environment: Mapping[str, str]) -> Credentials | None:
    """Docker stores the Hub's credentials under another name than podman does."""
    from lightship.transports.registry import helpers  # noqa: PLC0415 - starts programs: the rarest

    for server in (_HUB_KEY, DOCKER_HUB) if host == DOCKER_HUB else (host,):
        answer = helpers.ask(name, server, environment)
        if answer is not None:
            origin = f"docker-credential-{name}"
            if answer.is_identity_token:
                return Credentials(origin, identity_token=answer.secret)
            return Credentials(origin, answer.user, answer.secret)
    return None


def _matching(keys: Iterable[str], host: str, repository: str) -> list[str]:
    """The keys for a repository, the most specific first."""
    ranked = []
    for key in keys:
        key_host, path, is_url = _normal(key)
        if key_host == host.lower() and (not path or f"{repository}/".startswith(f"{path}/")):
            ranked.append((-len(path), is_url, key))
    return [key for _, _, key in sorted(ranked)]


def _normal(key: str) -> tuple[str, str, bool]:
    """Host, path and whether the key is a URL, of which only the host counts."""
    scheme, is_url, rest = key.partition("://")
    if is_url and scheme.lower() not in {"http", "https"}:
        return "", "", False
    host, _, path = (rest if is_url else key).partition("/")
    host = host.lower()
    host = DOCKER_HUB if host in DOCKER_HUB_NAMES else host
    return host, "" if is_url else path.strip("/"), bool(is_url)


def _of_entry(value: object, key: str, origin: str) -> Credentials | None:
    what = f"{origin}, the entry {key!r}"
    try:
        entry = jsontext.convert(value, _Auth, what=what)
    except CorruptInputError:
        raise UsageError(f"{what}: it is not well-formed") from None
    if entry.registrytoken:
        return Credentials(origin, registry_token=Secret(entry.registrytoken))
    user, password = entry.username, entry.password
    if entry.auth:
        user, password = _decoded(entry.auth, what)
    if entry.identitytoken:
        return Credentials(origin, user, identity_token=Secret(entry.identitytoken))
    return Credentials(origin, user, Secret(password)) if user and password else None


def _decoded(auth: str, what: str) -> tuple[str, str]:
    """User and password of `auth`; a password may hold colons, and Docker pads with NUL."""
    try:
        text = base64.b64decode("".join(auth.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        raise UsageError(f"{what}: its `auth` is no base64 of USER:PASSWORD") from None
    user, colon, password = text.partition(":")
    if not colon:
        raise UsageError(f"{what}: its `auth` is no base64 of USER:PASSWORD")
    return user, password.strip("\0")
