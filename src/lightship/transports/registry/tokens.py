"""Bearer tokens, as the token service that a registry names gives them.

Protocol: distribution (docs/spec/auth: token.md, oauth.md), as Docker Hub speaks it.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from msgspec import Struct

from lightship.errors import CorruptInputError, UnreachableError
from lightship.model import jsontext
from lightship.net.addresses import Guard, literal
from lightship.net.errors import RateLimitedError
from lightship.net.origins import names_host, parse_target
from lightship.net.secret import Secret
from lightship.transports.registry.errors import RefusedError, refusal, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lightship.net.client import Client, Response
    from lightship.net.options import NetOptions
    from lightship.net.origins import Origin
    from lightship.transports.registry.credentials import Credentials

MAX_ANSWER_BYTES = 256 * 1024
DEFAULT_SECONDS = 60
"""How long a token is good where the service does not say (token.md, "expires_in")."""

_MARGIN = 0.9
"""The part of a token's time after which it is renewed rather than used."""

_MAX_SECONDS = 7 * 86400
_BEARER = re.compile(r"[0-9A-Za-z\-._~+/]+=*")
_ONLY_PULL = re.compile(r"repository(?:\([a-z0-9]+\))?:[a-z0-9._/-]+:pull")


class TokenRequest(Struct, frozen=True):
    """What a registry asks for: a token of this service, for this."""

    realm: str
    service: str
    scope: str


class Tokens:
    """The tokens of one registry, for as long as they are good. Not for several threads at once."""

    def __init__(
        self,
        client: Client,
        options: NetOptions,
        registry: Origin,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._options = options
        self._registry = registry
        self._clock = clock
        self._kept: dict[TokenRequest, tuple[Secret, float]] = {}

    def known(self, wanted: TokenRequest) -> Secret | None:
        """A token that was given before and is still good."""
        token, until = self._kept.get(wanted, (None, 0.0))
        return token if self._clock() < until else None

    def fetch(
        self, wanted: TokenRequest, credentials: Credentials | None, *, from_afar: bool = True
    ) -> Secret:
        """A new token; `from_afar` if the registry, which names the service, is elsewhere.

        Raises:
            UnreachableError: the service is one that must not be asked, or gives none.
        """
        check_realm(wanted.realm, self._registry, self._options)
        asked = f"a token of {parse_target(wanted.realm).origin.netloc} for {self._registry.netloc}"
        try:
            response = self._asked(wanted, credentials, from_afar)
        except RateLimitedError as problem:
            if problem.answer is None:
                raise
            raise self._refused(asked, problem.answer, credentials) from None
        if response.status != 200:
            raise self._refused(asked, response, credentials)
        token, seconds = read_token(response, asked)
        self._kept[wanted] = token, self._clock() + seconds * _MARGIN
        return token

    def _asked(
        self, wanted: TokenRequest, credentials: Credentials | None, from_afar: bool
    ) -> Response:
        if credentials is not None and credentials.identity_token is not None:
            return self._exchange(wanted, credentials.identity_token, from_afar)
        return self._get(wanted, credentials, from_afar)

    def _get(
        self, wanted: TokenRequest, credentials: Credentials | None, from_afar: bool
    ) -> Response:
        query: dict[str, str | list[str]] = {**_query(wanted)}
        if " " in wanted.scope:
            query["scope"] = wanted.scope.split(" ")  # token.md: once for each
        basic = credentials.basic() if credentials else None
        if credentials is not None and basic is not None:
            query["account"] = credentials.user
        joint = "&" if "?" in wanted.realm else "?"
        url = wanted.realm + (f"{joint}{urlencode(query, doseq=True)}" if query else "")
        return self._client.get(
            url, limit=MAX_ANSWER_BYTES, authorization=basic, from_afar=from_afar
        )

    def _exchange(self, wanted: TokenRequest, identity_token: Secret, from_afar: bool) -> Response:
        fields: dict[str, str | Secret] = {
            "grant_type": "refresh_token",
            **_query(wanted),
            "client_id": "lightship",
            "refresh_token": identity_token,
        }
        return self._client.post_form(
            wanted.realm, fields, limit=MAX_ANSWER_BYTES, from_afar=from_afar
        )

    def _refused(
        self, asked: str, response: Response, credentials: Credentials | None
    ) -> RefusedError:
        host = self._registry.netloc
        if credentials is None:
            return refusal(asked, response, host=host, login=f"Log in to {host} first.")
        sent = (credentials.basic(), credentials.identity_token)
        if response.status in {400, 401, 403}:
            hint = (
                f"It refused the credentials of {credentials.origin}: log in again, or check what "
                "they are allowed."
            )
            return RefusedError(asked, response, hint, sent=sent)
        return refusal(asked, response, host=host, login="", sent=sent)


class Purpose(Struct, frozen=True):
    """What a token is wanted for besides reading the repository.

    Attributes:
        pushes: whether it is written to.
        mounts_from: another repository of the registry, whose blobs are to be shared.
    """

    pushes: bool = False
    mounts_from: str = ""


READING = Purpose()


def wanted_scope(challenged: str, repository: str, purpose: Purpose = READING) -> str:
    """The scope to ask for; of several, a space stands between them.

    Who reads takes the registry's own where it asks for no more than to pull: a registry that asks
    for more would get a token that could do more than what we need.
    """
    if purpose.pushes:
        other = f" repository:{purpose.mounts_from}:pull" if purpose.mounts_from else ""
        return f"repository:{repository}:pull,push{other}"
    if _ONLY_PULL.fullmatch(challenged):
        return challenged
    return f"repository:{repository}:pull"


def check_realm(realm: str, registry: Origin, options: NetOptions) -> None:
    """Refuse a token service that must not be asked, since it would be sent credentials.

    Raises:
        UnreachableError: it is no https URL (or http among hosts that the user named), or it is
            on this machine or its own link while the registry is not.
    """
    try:
        service = parse_target(realm).origin
    except UnreachableError as problem:
        raise _astray(registry, realm, problem.what) from None
    if service.scheme == "http" and registry.scheme != "http":
        raise _astray(registry, realm, "there tokens would travel without TLS")
    if service.scheme == "http" and not names_host(service, options.plain_http):
        raise _astray(registry, realm, f"{service.netloc} was not named in --plain-http")
    if is_near(service.host) and not is_near(registry.host):
        raise _astray(registry, realm, "that is this machine, or its own link")


def is_near(host: str) -> bool:
    """Whether a host is by its name this machine, or an address that only this machine reaches."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = literal(name)
    return address is not None and Guard.FROM_AFAR.refuses(address) is not None


def _astray(registry: Origin, realm: str, why: str) -> UnreachableError:
    return UnreachableError(
        f"{registry.netloc} sends us for a token to {shown(realm.partition('?')[0])!r}: {why}",
        "Nothing was sent there; is this the right registry?",
    )


def read_token(response: Response, asked: str) -> tuple[Secret, int]:
    """The token in an answer, and for how many seconds it is good.

    Raises:
        UnreachableError: it holds none.
    """
    try:
        value = jsontext.parse(response.body, what="answer", limit=MAX_ANSWER_BYTES)
    except CorruptInputError:
        value = None
    fields: Mapping[str, object] = value if isinstance(value, dict) else {}
    token = fields.get("token") or fields.get("access_token")
    if not isinstance(token, str) or not _BEARER.fullmatch(token):
        raise UnreachableError(
            f"{asked}: the answer holds no token", "Is this the right registry? Try again later."
        )
    seconds = fields.get("expires_in")
    if not isinstance(seconds, int) or not 0 < seconds <= _MAX_SECONDS:
        seconds = DEFAULT_SECONDS
    return Secret(f"Bearer {token}"), seconds


def _query(wanted: TokenRequest) -> dict[str, str]:
    fields = {"service": wanted.service, "scope": wanted.scope}
    return {name: value for name, value in fields.items() if value}
