"""What is sent to a registry as Authorization: nothing until it asks, then what it asked for."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from lightship.net.secret import Secret
from lightship.transports.registry.challenge import parse_challenges
from lightship.transports.registry.tokens import (
    READING,
    Purpose,
    TokenRequest,
    Tokens,
    is_near,
    wanted_scope,
)

if TYPE_CHECKING:
    from lightship.net.client import Client, Response
    from lightship.net.origins import Origin
    from lightship.transports.access import Access
    from lightship.transports.registry.challenge import Challenge
    from lightship.transports.registry.credentials import Credentials

MAX_REFUSALS = 2
"""How often one request may be refused and sent again with something else."""


class Authorizer:
    """The authorization of one repository, for one purpose. Several threads may use it."""

    def __init__(
        self,
        client: Client,
        access: Access,
        host: str,
        repository: str,
        registry: Origin,
        *,
        purpose: Purpose = READING,
    ) -> None:
        self._access = access
        self._host = host
        self._repository = repository
        self._purpose = purpose
        self._tokens = Tokens(client, access.network, registry)
        self._lock = Lock()
        self._wanted: TokenRequest | None = None
        self._fixed: Secret | None = None
        self._credentials: Credentials | None = None
        self._looked = False
        self._is_here = is_near(registry.host)

    def session(self) -> Session:
        """The Authorization of one request and its repetitions."""
        return Session(self)

    def advice(self) -> str:
        """What to do where a registry lets us not in, one sentence."""
        name = self._host
        if self._credentials is not None:
            origin = self._credentials.origin
            return f"The credentials of {origin} were not enough: log in to {name} again."
        if self._looked:
            return f"Log in with `docker login {name}` or `podman login {name}`."
        return f"It asked for credentials in no way that is known here: is {name} a registry?"

    def following(self, refused: Response | None, sent: Secret | None) -> Secret | None:
        """What to send next: after `refused` was the answer to `sent`, or at the start."""
        with self._lock:
            current = self._fixed
            if current is None and self._wanted is not None:
                current = self._tokens.known(self._wanted)
            if refused is None:
                return current or self._renewed()
            if current is not None and current != sent:
                return current  # another thread was told meanwhile
            return self._answer(refused) or sent

    def _renewed(self) -> Secret | None:
        if self._wanted is None:
            return None
        return self._fetched(self._wanted)

    def _fetched(self, wanted: TokenRequest) -> Secret:
        return self._tokens.fetch(wanted, self._credentials, from_afar=not self._is_here)

    def _answer(self, refused: Response) -> Secret | None:
        """What a challenge asks for, as far as we have it."""
        challenges = parse_challenges(refused.headers.get("www-authenticate", ""))
        bearer = next((one for one in challenges if _is_bearer(one)), None)
        basic = any(one.scheme == "basic" for one in challenges)
        if bearer is None and not basic:
            return None
        if not self._looked:
            from lightship.transports.registry.credentials import find  # noqa: PLC0415 - light start

            self._credentials = find(self._host, self._repository, self._access)
            self._looked = True
        own = self._credentials
        if own is not None and own.registry_token is not None:
            self._fixed = Secret(f"Bearer {own.registry_token.reveal()}")
            return self._fixed
        if bearer is not None:
            said = bearer.parameters
            scope = wanted_scope(said.get("scope", ""), self._repository, self._purpose)
            self._wanted = TokenRequest(said["realm"], said.get("service", ""), scope)
            self._is_here = self._is_here or refused.is_local
            return self._fetched(self._wanted)
        self._fixed = own.basic() if own is not None else None
        return self._fixed


class Session:
    """Gives the Authorization of one request and of its repetitions (`Client.open`).

    Attributes:
        sent: what it gave last.
    """

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer
        self._refusals = 0
        self.sent: Secret | None = None

    def __call__(self, refused: Response | None) -> Secret | None:
        self._refusals = self._refusals + 1 if refused is not None else 0
        if self._refusals <= MAX_REFUSALS:
            self.sent = self._authorizer.following(refused, self.sent)
        return self.sent


def _is_bearer(challenge: Challenge) -> bool:
    return challenge.scheme == "bearer" and bool(challenge.parameters.get("realm"))
