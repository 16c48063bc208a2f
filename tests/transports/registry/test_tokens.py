import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightship.errors import UnreachableError
from lightship.net.client import Client, Response
from lightship.net.options import NetOptions
from lightship.net.origins import parse_target
from lightship.net.secret import Secret
from lightship.transports.registry import tokens
from lightship.transports.registry.credentials import Credentials
from lightship.transports.registry.tokens import (
    TokenRequest,
    Tokens,
    check_realm,
    is_near,
    read_token,
    wanted_scope,
)

REALM = "https://auth.example/token"
HUB = parse_target("https://registry-1.docker.io").origin
WANTED = TokenRequest(REALM, "it", "repository:a/b:pull")


class Service(Client):
    """A token service without a network; counts what it gives."""

    def __init__(self, **fields: object) -> None:
        super().__init__(NetOptions())
        self.fields = fields
        self.asked: list[tuple[str, Secret | None]] = []
        self.forms: list[dict[str, str]] = []
        self.warned: list[bool] = []

    def get(
        self,
        url: str,
        *,
        limit: int,
        headers: Mapping[str, str] | None = None,  # noqa: ARG002 - as the real one
        authorization: Secret | None = None,
        from_afar: bool = False,
    ) -> Response:
        self.asked.append((url, authorization))
        self.warned.append(from_afar)
        return self._answer(limit)

    def post_form(
        self,
        url: str,
        fields: Mapping[str, str | Secret],
        *,
        limit: int,
        from_afar: bool = False,
    ) -> Response:
        self.warned.append(from_afar)
        plain = {k: v.reveal() if isinstance(v, Secret) else v for k, v in fields.items()}
        self.asked.append((url, None))
        self.forms.append(plain)
        return self._answer(limit)

    def _answer(self, limit: int) -> Response:
        body = json.dumps({"token": f"t{len(self.asked)}", **self.fields}).encode()
        assert len(body) <= limit
        return Response(REALM, 200, {}, body)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("fields", "good_until", "gone_at"),
    [
        ({"expires_in": 300}, 260, 300),
        ({}, 50, 60),  # token.md: 60 seconds where nothing is said
        ({"expires_in": 0}, 50, 60),
        ({"expires_in": -5}, 50, 60),
        ({"expires_in": "300"}, 50, 60),
        ({"expires_in": 1e9}, 50, 60),
        ({"expires_in": 10**30}, 50, 60),
    ],
)
def test_a_token_is_used_until_it_ends(
    fields: dict[str, object], good_until: float, gone_at: float
) -> None:
    clock = Clock()
    kept = Tokens(Service(**fields), NetOptions(), HUB, clock)
    token = kept.fetch(WANTED, None)
    assert token.reveal() == "Bearer t1"
    clock.now += good_until
    assert kept.known(WANTED) == token
    clock.now += gone_at - good_until
    assert kept.known(WANTED) is None


def test_a_token_is_for_one_service_and_scope() -> None:
    kept = Tokens(Service(), NetOptions(), HUB, Clock())
    kept.fetch(WANTED, None)
    for other in (
        TokenRequest(REALM, "it", "repository:a/c:pull"),
        TokenRequest(REALM, "other", "repository:a/b:pull"),
        TokenRequest("https://auth.example/other", "it", "repository:a/b:pull"),
    ):
        assert kept.known(other) is None


def test_what_is_sent() -> None:
    service = Service()
    kept = Tokens(service, NetOptions(), HUB)
    kept.fetch(WANTED, None)
    kept.fetch(TokenRequest(f"{REALM}?a=b", "", ""), None)
    kept.fetch(WANTED, Credentials("file", "me", Secret("pass")))
    kept.fetch(WANTED, Credentials("file", "me", identity_token=Secret("refresh")))
    query = "service=it&scope=repository%3Aa%2Fb%3Apull"
    assert service.asked[:2] == [(f"{REALM}?{query}", None), (f"{REALM}?a=b", None)]
    assert service.asked[2] == (f"{REALM}?{query}&account=me", Secret("Basic bWU6cGFzcw=="))
    assert service.asked[3][0] == REALM
    assert service.forms == [
        {
            "grant_type": "refresh_token",
            "service": "it",
            "scope": "repository:a/b:pull",
            "client_id": "lightship",
            "refresh_token": "refresh",
        }
    ]


@pytest.mark.parametrize(
    ("challenged", "scope"),
    [
        ("repository:a/b:pull", "repository:a/b:pull"),
        ("repository:mirror/of/a/b:pull", "repository:mirror/of/a/b:pull"),
        ("repository(plugin):a/b:pull", "repository(plugin):a/b:pull"),
        ("", "repository:a/b:pull"),
        ("repository:a/b:pull,push", "repository:a/b:pull"),
        ("repository:a/b:*", "repository:a/b:pull"),
        ("repository:a/b:pull repository:c/d:pull", "repository:a/b:pull"),
        ("registry:catalog:*", "repository:a/b:pull"),
    ],
)
def test_only_what_pulling_needs_is_asked_for(challenged: str, scope: str) -> None:
    assert wanted_scope(challenged, "a/b") == scope


@pytest.mark.parametrize(
    ("realm", "registry", "plain", "allowed"),
    [
        ("https://auth.docker.io/token", "https://registry-1.docker.io", "", True),
        ("https://quay.io/v2/auth", "https://quay.io", "", True),
        ("https://auth.example:8443/t?x=y", "https://quay.io", "", True),
        ("http://quay.io/v2/auth", "https://quay.io", "", False),
        ("http://quay.io/v2/auth", "https://quay.io", "quay.io", False),
        ("http://auth.example/", "http://plain.example", "plain.example", False),
        ("http://auth.example/", "http://plain.example", "plain.example,auth.example", True),
        ("https://auth.example/", "http://plain.example", "plain.example", True),
        ("http://localhost:5001/", "http://localhost:5000", "localhost", True),
        ("http://localhost:5001/", "http://localhost:5000", "localhost:5000", False),
        ("https://localhost:5001/", "https://localhost:5000", "", True),
        ("https://127.0.0.1:5001/", "https://localhost:5000", "", True),
        ("https://localhost/", "https://quay.io", "", False),
        ("https://LOCALHOST./", "https://quay.io", "", False),
        ("https://x.localhost/", "https://quay.io", "", False),
        ("https://127.1/", "https://quay.io", "", False),
        ("https://2130706433/", "https://quay.io", "", False),
        ("https://[::1]/", "https://quay.io", "", False),
        ("https://[::ffff:127.0.0.1]/", "https://quay.io", "", False),
        ("https://169.254.169.254/", "https://quay.io", "", False),
        ("https://0.0.0.0/", "https://quay.io", "", False),
        ("https://user@auth.example/", "https://quay.io", "", False),
        ("file:///etc/passwd", "https://quay.io", "", False),
        ("auth.example/token", "https://quay.io", "", False),
        ("//auth.example/token", "https://quay.io", "", False),
        ("https://", "https://quay.io", "", False),
        ("https://auth.example\\@evil/", "https://quay.io", "", False),
        ("https://auth.example/ x", "https://quay.io", "", False),
        ("", "https://quay.io", "", False),
    ],
)
def test_which_token_service_may_be_asked(
    realm: str, registry: str, plain: str, allowed: bool
) -> None:
    options = NetOptions(plain_http=frozenset(filter(None, plain.split(","))))
    origin = parse_target(registry).origin
    if allowed:
        check_realm(realm, origin, options)
        return
    with pytest.raises(UnreachableError, match="Nothing was sent there"):
        check_realm(realm, origin, options)
    service = Service()
    with pytest.raises(UnreachableError):
        Tokens(service, options, origin).fetch(TokenRequest(realm, "", ""), None)
    assert not service.asked


@settings(deadline=None)
@given(st.text())
def test_any_realm_is_asked_or_refused(realm: str) -> None:
    try:
        check_realm(realm, HUB, NetOptions())
    except UnreachableError:
        return
    assert realm.lower().startswith("https://")
    assert not is_near(parse_target(realm).origin.host)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["token", "access_token", "expires_in"]), _JSON) | _JSON)
def test_any_answer_is_a_token_or_none(value: object) -> None:
    response = Response(REALM, 200, {}, json.dumps(value).encode())
    try:
        token, seconds = read_token(response, "a token")
    except UnreachableError as problem:
        assert "holds no token" in str(problem)  # noqa: PT017 - either will do
        return
    assert 0 < seconds <= tokens._MAX_SECONDS
    sent = token.reveal()
    assert sent.isascii()
    assert sent.isprintable()
    assert len(sent.split(" ")) == 2


@pytest.mark.parametrize("from_afar", [True, False])
def test_what_a_registry_elsewhere_names_may_not_be_here(from_afar: bool) -> None:
    service = Service()
    kept = Tokens(service, NetOptions(), HUB)
    kept.fetch(WANTED, None, from_afar=from_afar)
    identity = Credentials(origin="a file", identity_token=Secret("id"))
    kept.fetch(WANTED, identity, from_afar=from_afar)
    assert service.warned == [from_afar, from_afar]
