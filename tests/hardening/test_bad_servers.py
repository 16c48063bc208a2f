"""Registries that stall, lie, cut and lead astray: one line, exit 3 or 4, nothing left behind."""

from __future__ import annotations

import json
import re
import ssl
import tempfile
import threading
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hardening.bad_server import (
    INDEX,
    MANIFEST,
    Answer,
    BadServer,
    Served,
    bad_server,
    described,
    put_up,
    sha,
)
from hardening.outcome import assert_printable
from lightship.cli.session import Session
from lightship.net.options import NetOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hardening.outcome import Outcome

USER, PASSWORD = "someone", "s3cret-p4ssword"
BASIC = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
SECRETS = (PASSWORD, BASIC)
HTML = b"<!DOCTYPE html><html><title>Sign in</title></html>"


@pytest.fixture
def server() -> Iterator[BadServer]:
    with bad_server() as one:
        yield one


@pytest.fixture
def other() -> Iterator[BadServer]:
    """Another server, on the same machine under another name."""
    with bad_server(name="localhost") as one:
        yield one


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def named(server: BadServer, other: BadServer) -> set[str]:
    """The hosts that may be spoken to without TLS."""
    return {server.host, other.host}


@pytest.fixture
def asks(
    lightship_run: Callable[..., Outcome],
    named: set[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Callable[..., Outcome]]:
    """The command line, less patient than usual; and nothing is left behind."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE"):
        monkeypatch.delenv(name, raising=False)

    def network(session: Session) -> NetOptions:
        return NetOptions(
            plain_http=frozenset(named),
            ca_file=session.settings["ca-file"],
            stall_seconds=0.4,
            attempts=2,
        )

    monkeypatch.setattr(Session, "network", network)
    before = set(threading.enumerate())

    def run(reference: str, *words: str) -> Outcome:
        outcome = lightship_run("inspect", reference, "--quiet", *words)
        assert_printable(outcome.stderr)
        assert not any(secret in outcome.stdout + outcome.stderr for secret in SECRETS)
        return outcome

    yield run
    ours = [one for one in set(threading.enumerate()) - before if "lightship" in one.name]
    assert not ours
    assert not list(scratch.iterdir())


@pytest.fixture
def log_in(tmp_path: Path) -> Callable[..., None]:
    def write(*hosts: str) -> None:
        path = tmp_path / "home" / ".docker" / "config.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"auths": {host: {"auth": BASIC} for host in hosts}}))

    return write


def kept(cache: Path) -> list[str]:
    return [path.name for path in cache.rglob("*") if path.is_file()]


def clear(line: str) -> str:
    """A line that says something beyond that it failed."""
    assert len(line) < 1000
    assert re.search(r"[a-z]{3}", line)
    return line


# First of all: the same server, honest.


def test_an_honest_server(server: BadServer, asks: Callable[..., Outcome], cache: Path) -> None:
    Served.of({"a": b"x"}, {".wh.a": b""}).put_up(server)
    outcome = asks(server.reference(), "--format", "json")
    assert outcome.exit_code == 0, outcome.stderr
    assert json.loads(outcome.stdout)["image"]["dead_bytes"] == 1
    assert len(server.seen) == 4
    assert not any("Authorization" in one.headers for one in server.seen)
    assert kept(cache)


# Servers that do not deliver.

MANIFEST_AT = "/v2/a/b/manifests/1"


def places(server: BadServer) -> dict[str, str]:
    """The paths of the image's manifest, config and layer."""
    image = Served.of()
    image.put_up(server)
    config = f"/v2/a/b/blobs/{image.manifest['config']['digest']}"
    return {
        "manifest": MANIFEST_AT,
        "config": config,
        "layer": f"/v2/a/b/blobs/{sha(image.layers[0])}",
    }


def change(server: BadServer, path: str, **how: Any) -> None:
    page = server.pages[path]
    assert isinstance(page, Answer)
    server.pages[path] = replace(page, **how)


NOT_DELIVERED: dict[str, dict[str, Any]] = {
    "stalls at once": {"stall": 0},
    "stalls in the middle": {"stall": 40},
    "cuts at once": {"cut": 0},
    "cuts in the middle": {"cut": 40},
    "says it is longer": {"length": 1_000_000},
    "answers 500": {"status": 500},
    "answers 503 in HTML": {"status": 503, "body": HTML, "headers": {"Content-Type": "text/html"}},
    "answers 429": {"status": 429},
    "answers 404": {"status": 404},
    "answers 403": {"status": 403},
    "answers 418": {"status": 418},
    "answers 204": {"status": 204, "body": b""},
    "answers gzip": {"headers": {"Content-Encoding": "gzip", "Content-Type": MANIFEST}},
    "redirects to nowhere": {"status": 307},
    "redirects to itself": {"status": 307, "headers": {"Location": "?again"}},
    "redirects to a file": {"status": 307, "headers": {"Location": "file:///etc/passwd"}},
    "redirects to nonsense": {"status": 307, "headers": {"Location": "http://[::1"}},
}


@pytest.mark.slow
@pytest.mark.parametrize("place", ["manifest", "config", "layer"])
@pytest.mark.parametrize("how", NOT_DELIVERED)
def test_what_is_not_delivered(
    server: BadServer, asks: Callable[..., Outcome], cache: Path, place: str, how: str
) -> None:
    path = places(server)[place]
    change(server, path, **NOT_DELIVERED[how])
    clear(asks(server.reference()).refused(3))
    assert not kept(cache)
    # Redirects are followed at most ten times, and each attempt counts.
    assert len(server.asked(path)) <= 22


def test_a_page_of_html_is_no_registry(server: BadServer, asks: Callable[..., Outcome]) -> None:
    page = Answer(body=HTML, headers={"Content-Type": "text/html; charset=utf-8"})
    server.pages[MANIFEST_AT] = page
    line = asks(server.reference()).refused(3)
    assert f"is {server.host} a registry" in line.replace("Is", "is")
    server.pages[MANIFEST_AT] = replace(page, status=404)
    assert "a registry" in asks(server.reference()).refused(3)


@pytest.mark.slow
def test_cut_connections_are_gone_on_with(server: BadServer, asks: Callable[..., Outcome]) -> None:
    path = places(server)["layer"]
    change(server, path, cut=7, ranges=True)
    outcome = asks(server.reference(), "--format", "json")
    assert outcome.exit_code == 0, outcome.stderr
    assert json.loads(outcome.stdout)["image"]["unpacked_bytes"] == 2000
    assert len(server.asked(path)) > 5


def test_a_length_that_is_too_short(server: BadServer, asks: Callable[..., Outcome]) -> None:
    for place, exit_code in (("manifest", 4), ("config", 4), ("layer", 3)):
        path = places(server)[place]
        change(server, path, length=30)
        clear(asks(server.reference()).refused(exit_code))


def test_a_server_that_sends_for_ever(server: BadServer, asks: Callable[..., Outcome]) -> None:
    for place in ("manifest", "config", "layer"):
        path = places(server)[place]
        change(server, path, body=b" " * 65536, length=-1, endless=True)
        outcome = asks(server.reference())
        assert outcome.exit_code in {3, 4}
        clear(outcome.refused(outcome.exit_code))


# Rate limits.


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"Retry-After": "7200"}, r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC"),
        ({"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}, "2100-12-31 23:59:59 UTC"),
        ({"Retry-After": "9" * 400}, "later"),
        ({"Retry-After": "soon"}, "later"),
        ({"RateLimit-Remaining": "0;w=21600"}, "UTC"),
        ({}, "later"),
    ],
)
def test_a_rate_limit_says_when_it_ends(
    server: BadServer, asks: Callable[..., Outcome], headers: dict[str, str], says: str
) -> None:
    said = {"errors": [{"code": "TOOMANYREQUESTS", "message": "You have reached your pull limit."}]}
    server.pages[MANIFEST_AT] = Answer(429, json.dumps(said).encode(), headers)
    line = asks(server.reference()).refused(3)
    assert re.search(says, line)
    assert "TOOMANYREQUESTS: You have reached your pull limit." in line
    assert "log in" in line
    assert len(server.seen) <= 2


def test_what_a_server_says_is_short_and_does_nothing_to_a_screen(
    server: BadServer, asks: Callable[..., Outcome]
) -> None:
    message = "\x1b[2J\u202eevil\n" * 1000
    errors = [{"code": message, "message": message}, {"code": 1, "message": None}, 5]
    server.pages[MANIFEST_AT] = Answer(400, json.dumps({"errors": errors * 100}).encode())
    line = asks(server.reference()).refused(3)
    assert len(line) < 5000


# Credentials.


def challenge(realm: str, scope: str = "repository:a/b:pull") -> dict[str, str]:
    return {"WWW-Authenticate": f'Bearer realm="{realm}",service="it",scope="{scope}"'}


def refuse_all(server: BadServer, headers: dict[str, str]) -> None:
    said = {"errors": [{"code": "UNAUTHORIZED", "message": "who are you"}]}
    server.pages[MANIFEST_AT] = Answer(401, json.dumps(said).encode(), headers)


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"WWW-Authenticate": 'Basic realm="x"'},
        {"WWW-Authenticate": "Negotiate"},
        {"WWW-Authenticate": "Bearer"},
        {"WWW-Authenticate": 'Bearer realm="'},
        {"WWW-Authenticate": 'Bearer realm=""'},
        {"WWW-Authenticate": "," * 30000},
    ],
)
def test_401_for_ever(
    server: BadServer,
    asks: Callable[..., Outcome],
    log_in: Callable[..., None],
    headers: dict[str, str],
    known: bool,
) -> None:
    if known:
        log_in(server.host)
    refuse_all(server, headers)
    line = asks(server.reference()).refused(3)
    assert "UNAUTHORIZED: who are you" in line
    assert len(server.seen) <= 3


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("known", [False, True])
def test_401_for_ever_in_spite_of_tokens(
    server: BadServer,
    asks: Callable[..., Outcome],
    log_in: Callable[..., None],
    known: bool,
    fresh: bool,
) -> None:
    if known:
        log_in(server.host)

    def token(_: object) -> Answer:
        number = len(server.seen) if fresh else 0
        return Answer(body=json.dumps({"token": f"token-{number}"}).encode())

    server.pages["/token"] = token
    refuse_all(server, challenge(f"{server.url}/token"))
    asks(server.reference()).refused(3)
    assert len(server.asked("manifests")) <= 3
    assert len(server.asked("token")) <= 3


def test_401_for_ever_at_a_layer(server: BadServer, asks: Callable[..., Outcome]) -> None:
    path = places(server)["layer"]
    server.pages["/token"] = lambda _: Answer(
        body=json.dumps({"token": f"token-{len(server.seen)}"}).encode()
    )
    server.pages[path] = Answer(401, headers=challenge(f"{server.url}/token"))
    asks(server.reference()).refused(3)
    assert len(server.asked("blobs")) <= 6
    assert len(server.asked("token")) <= 4


def test_a_token_that_ends_while_a_layer_is_read_is_renewed(
    server: BadServer, asks: Callable[..., Outcome]
) -> None:
    """Each token is good for one request; the connection is cut again and again."""
    path = places(server)["layer"]
    honest = dict(server.pages)
    given: list[str] = []
    used: set[str] = set()

    def token(_: object) -> Answer:
        given.append(f"token-{len(given)}")
        return Answer(body=json.dumps({"access_token": given[-1]}).encode())

    def guarded(seen: Any) -> Answer:
        bearer = seen.headers.get("Authorization", "").removeprefix("Bearer ")
        if bearer not in given or bearer in used:
            return Answer(401, headers=challenge(f"{server.url}/token"))
        used.add(bearer)
        page = honest[seen.path]
        assert isinstance(page, Answer)
        return replace(page, cut=30, ranges=True) if seen.path == path else page

    server.pages = {"/token": token, **dict.fromkeys(honest, guarded)}
    outcome = asks(server.reference())
    assert outcome.exit_code == 0, outcome.stderr
    assert len(given) > 4


def test_credentials_go_to_nobody_but_who_they_are_for(
    server: BadServer,
    other: BadServer,
    asks: Callable[..., Outcome],
    log_in: Callable[..., None],
) -> None:
    log_in(server.host)
    found = places(server)
    honest = dict(server.pages)
    for path in (found["config"], found["layer"]):
        other.pages[path] = honest[path]

    def guarded(seen: Any) -> Answer:
        if seen.headers.get("Authorization") != f"Basic {BASIC}":
            return Answer(401, headers={"WWW-Authenticate": 'Basic realm="it"'})
        if "blobs" in seen.path:
            return Answer(307, headers={"Location": f"{other.url}{seen.path}"})
        page = honest[seen.path]
        assert isinstance(page, Answer)
        return page

    server.pages = dict.fromkeys(honest, guarded)
    outcome = asks(server.reference())
    assert outcome.exit_code == 0, outcome.stderr
    assert "Authorization" not in server.seen[0].headers
    assert len(other.seen) == 2
    assert not any(secret in one.text for one in other.seen for secret in SECRETS)
    assert not any("Authorization" in one.headers for one in other.seen)


def test_a_stranger_that_was_redirected_to_cannot_ask_for_credentials(
    server: BadServer,
    other: BadServer,
    asks: Callable[..., Outcome],
    log_in: Callable[..., None],
) -> None:
    log_in(server.host, other.host)
    for place in ("manifest", "layer"):
        path = places(server)[place]
        server.pages[path] = Answer(307, headers={"Location": f"{other.url}{path}"})
        for realm in ({"WWW-Authenticate": 'Basic realm="x"'}, challenge(f"{other.url}/token")):
            other.pages[path] = Answer(401, headers=realm)
            asks(server.reference()).refused(3)
    assert not other.asked("token")
    assert not any(secret in one.text for one in other.seen for secret in SECRETS)
    assert not any("Authorization" in one.headers for one in (*server.seen, *other.seen))


def test_the_token_service_gets_what_it_is_asked_for_and_no_more(
    server: BadServer,
    other: BadServer,
    asks: Callable[..., Outcome],
    log_in: Callable[..., None],
) -> None:
    log_in(server.host)
    found = places(server)
    honest = dict(server.pages)

    def guarded(seen: Any) -> Answer:
        if seen.headers.get("Authorization") != "Bearer t0ken":
            return Answer(401, headers=challenge(f"{other.url}/token", "repository:a/b:push,pull"))
        page = honest[seen.path]
        assert isinstance(page, Answer)
        return page

    server.pages = dict.fromkeys(honest, guarded)
    other.pages["/token"] = Answer(body=b'{"token": "t0ken", "expires_in": 300}')
    outcome = asks(server.reference())
    assert outcome.exit_code == 0, outcome.stderr
    (asked,) = other.seen
    assert "scope=repository%3Aa%2Fb%3Apull" in asked.path
    assert "push" not in asked.path
    assert asked.headers["Authorization"] == f"Basic {BASIC}"
    assert not any(secret in one.text for one in server.seen for secret in SECRETS)
    assert len(server.asked(found["layer"])) == 1


@pytest.mark.parametrize(
    "realm",
    [
        "http://127.0.0.2:9/token",
        "HTTP://not-named.example/token",
        "ftp://{other}/token",
        "file:///etc/passwd",
        "/token",
        "{other}/token",
        "http://user:password@{other}/token",
        "http://[::1/token",
        "http://{other}\\\\@evil.example/token",
        "javascript:alert(1)",
        "http://",
        "http://{other}:99999999/token",
    ],
)
def test_a_token_service_that_must_not_be_asked(
    server: BadServer,
    other: BadServer,
    asks: Callable[..., Outcome],
    log_in: Callable[..., None],
    realm: str,
) -> None:
    log_in(server.host)
    refuse_all(server, challenge(realm.replace("{other}", other.host)))
    line = asks(server.reference()).refused(3)
    assert "Nothing was sent there" in line
    assert not other.seen
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        HTML,
        b'{"token": ""}',
        b'{"token": 5}',
        b'{"token": null}',
        b'{"token": "a b"}',
        b'{"token": "a\\r\\nHost: evil"}',
        '{"token": "ä"}'.encode(),
        b'{"token": "a", "token": "b"}',
        b'{"token": ' + b"[" * 100_000,
        b'{"token": "' + b"a" * 1_000_000 + b'"}',
        b"\xff\xfe",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_token_that_is_none(
    server: BadServer, other: BadServer, asks: Callable[..., Outcome], body: bytes
) -> None:
    refuse_all(server, challenge(f"{other.url}/token"))
    other.pages["/token"] = Answer(body=body)
    clear(asks(server.reference()).refused(3))
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 302])
def test_a_token_service_that_refuses(
    server: BadServer,
    other: BadServer,
    asks: Callable[..., Outcome],
    log_in: Callable[..., None],
    status: int,
) -> None:
    """It quotes what it was sent, which is not shown."""
    log_in(server.host)
    refuse_all(server, challenge(f"{other.url}/token"))
    quoted = {"details": f"{USER}:{PASSWORD} is wrong, and so is Basic {BASIC}"}
    other.pages["/token"] = Answer(status, json.dumps(quoted).encode())
    clear(asks(server.reference()).refused(3))
    assert len(other.seen) <= 2


def test_a_registry_that_quotes_what_it_was_sent(
    server: BadServer, asks: Callable[..., Outcome], log_in: Callable[..., None]
) -> None:
    log_in(server.host)

    def quotes(seen: Any) -> Answer:
        sent = seen.headers.get("Authorization", "")
        errors = [{"code": "DENIED", "message": f"{PASSWORD} {sent} {BASIC}"}]
        headers = {"WWW-Authenticate": 'Basic realm="x"'}
        return Answer(401, json.dumps({"errors": errors}).encode(), headers)

    server.pages[MANIFEST_AT] = quotes
    line = asks(server.reference()).refused(3)
    assert "***" in line


def test_identity_tokens_are_not_sent_on(
    server: BadServer, other: BadServer, asks: Callable[..., Outcome], tmp_path: Path
) -> None:
    file = tmp_path / "auth.json"
    file.write_text(json.dumps({"auths": {server.host: {"identitytoken": PASSWORD}}}))
    refuse_all(server, challenge(f"{server.url}/token"))
    server.pages["/token"] = Answer(307, headers={"Location": f"{other.url}/token"})
    asks(server.reference(), "--auth-file", str(file)).refused(3)
    assert [one.method for one in server.seen] == ["GET", "POST"]
    assert not other.seen


# From far away, which a proxy on this machine makes of a server on this machine.


@pytest.fixture
def afar(server: BadServer, named: set[str], monkeypatch: pytest.MonkeyPatch) -> BadServer:
    """`registry.example`, asked through a proxy: the paths it sees are whole URLs."""
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    named.add("registry.example")
    original = server.answer

    def by_path(seen: Any) -> Answer:
        return original(replace(seen, path=seen.path.removeprefix("http://registry.example")))

    monkeypatch.setattr(server, "answer", by_path)
    return server


def test_from_afar_an_honest_server(afar: BadServer, asks: Callable[..., Outcome]) -> None:
    Served.of().put_up(afar)
    outcome = asks("registry:registry.example/a/b:1")
    assert outcome.exit_code == 0, outcome.stderr


@pytest.mark.parametrize("place", ["manifest", "layer"])
def test_from_afar_nobody_leads_to_this_machine(
    afar: BadServer, other: BadServer, asks: Callable[..., Outcome], place: str
) -> None:
    path = places(afar)[place]
    other.pages[path] = afar.pages[path]
    afar.pages[path] = Answer(307, headers={"Location": f"{other.url}{path}"})
    line = asks("registry:registry.example/a/b:1").refused(3)
    assert "this machine" in line
    assert not other.seen


def test_from_afar_no_token_service_is_on_this_machine(
    afar: BadServer, other: BadServer, asks: Callable[..., Outcome], log_in: Callable[..., None]
) -> None:
    log_in("registry.example")
    refuse_all(afar, challenge(f"{other.url}/token"))
    line = asks("registry:registry.example/a/b:1").refused(3)
    assert "this machine" in line
    assert not other.seen


# Over TLS.


@pytest.fixture
def trusted(tmp_path: Path) -> Iterator[BadServer]:
    from e2e.certificates import authority, server  # noqa: PLC0415 - few tests need openssl

    place = tmp_path / "trusted"
    pair = server(place, authority(place))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    with bad_server(context=context) as one:
        yield one


def test_over_tls_nobody_leads_to_where_there_is_none(
    trusted: BadServer,
    other: BadServer,
    asks: Callable[..., Outcome],
    log_in: Callable[..., None],
    tmp_path: Path,
) -> None:
    log_in(trusted.host)
    words = ("--ca-file", str(tmp_path / "trusted" / "ca.crt"))
    layer = places(trusted)["layer"]
    assert asks(trusted.reference(), *words).exit_code == 0
    for path in (MANIFEST_AT, layer):
        page = trusted.pages[path]
        other.pages[path] = page
        trusted.pages[path] = Answer(307, headers={"Location": f"{other.url}{path}"})
        assert "https" in asks(trusted.reference(), "--verify", *words).refused(3)
        trusted.pages[path] = page
    refuse_all(trusted, challenge(f"{other.url}/token"))
    assert "without TLS" in asks(trusted.reference(), *words).refused(3)
    assert not other.seen


def test_a_server_that_nobody_vouches_for_is_told_nothing(
    trusted: BadServer, asks: Callable[..., Outcome]
) -> None:
    places(trusted)
    asks(trusted.reference()).refused(3)
    assert not trusted.seen


# Documents that are not what they should be.


def test_a_manifest_that_is_not_the_one_that_was_asked_for(
    server: BadServer, asks: Callable[..., Outcome]
) -> None:
    wanted = Served.of({"a": b"1"}).put_up(server)
    Served.of({"a": b"2"}).put_up(server, tag="2")
    server.pages[f"/v2/a/b/manifests/{wanted}"] = server.pages["/v2/a/b/manifests/2"]
    line = asks(server.reference(f"a/b@{wanted}")).refused(4)
    assert "corrupt" in line
    line = asks(server.reference(f"a/b:1@{wanted}")).refused(4)  # the digest decides
    assert not server.asked("manifests/1")


@pytest.mark.parametrize(
    "said", ["sha256:" + "0" * 64, "sha512:" + "0" * 128, "nonsense", "sha256:"]
)
def test_a_digest_header_that_lies(
    server: BadServer, asks: Callable[..., Outcome], said: str
) -> None:
    Served.of().put_up(server)
    headers = {"Content-Type": MANIFEST, "Docker-Content-Digest": said}
    change(server, MANIFEST_AT, headers=headers)
    asks(server.reference()).refused(4)


@pytest.mark.parametrize("place", ["manifest", "config", "layer"])
def test_a_blob_of_the_right_length_with_other_bytes(
    server: BadServer, asks: Callable[..., Outcome], cache: Path, place: str
) -> None:
    image = Served.of()
    digest = image.put_up(server)
    path = {**places(server), "manifest": f"/v2/a/b/manifests/{digest}"}[place]
    page = server.pages[path]
    assert isinstance(page, Answer)
    body = bytearray(page.body)
    body[-1] ^= 1  # of a gzip frame: its length, which nobody needs to unpack it
    server.pages[path] = replace(page, body=bytes(body))
    asks(server.reference(f"a/b@{digest}")).refused(4)
    assert not [name for name in kept(cache) if not name.endswith(".index")]


def test_a_blob_that_changes_between_reads(
    server: BadServer, asks: Callable[..., Outcome], cache: Path
) -> None:
    image = Served.of({"a": b"first"})
    image.put_up(server)
    assert asks(server.reference()).exit_code == 0
    before = kept(cache)
    path = f"/v2/a/b/blobs/{sha(image.layers[0])}"
    others = (Served.of({"a": b"%05d" % number}).layers[0] for number in range(1000))
    changed = next(other for other in others if len(other) == len(image.layers[0]))
    server.pages[path] = Answer(body=changed)
    assert asks(server.reference()).exit_code == 0  # known, and not read
    asks(server.reference(), "--verify").refused(4)
    assert asks(server.reference()).exit_code == 0
    seen = [name for name in kept(cache) if not name.endswith(".index")]
    assert seen == [name for name in before if not name.endswith(".index")]


def test_a_blob_that_changes_while_it_is_read(
    server: BadServer, asks: Callable[..., Outcome]
) -> None:
    path = places(server)["layer"]
    honest = server.pages[path]
    assert isinstance(honest, Answer)

    def changing(seen: Any) -> Answer:
        if "Range" in seen.headers:
            return replace(honest, body=bytes(len(honest.body)), ranges=True)
        return replace(honest, cut=20)

    server.pages[path] = changing
    asks(server.reference()).refused(4)


def edited(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda manifest: {**manifest, **changes}


def config_as(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda manifest: {**manifest, "config": {**manifest["config"], **changes}}


def layer_as(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda manifest: {**manifest, "layers": [{**manifest["layers"][0], **changes}]}


DOCUMENTS: dict[str, tuple[int, Callable[[dict[str, Any]], Any]]] = {
    "no layers, one diff ID": (4, edited(layers=[])),
    "a layer twice": (4, lambda m: {**m, "layers": m["layers"] * 2}),
    "both kinds at once": (4, edited(manifests=[])),
    "an index by its media type": (4, edited(mediaType=INDEX)),
    "a config of negative size": (4, config_as(size=-1)),
    "a config of another size": (4, config_as(size=5)),
    "a huge config": (4, config_as(size=2**60)),
    "a config without a digest": (4, config_as(digest="sha256:")),
    "a config elsewhere": (4, config_as(digest="../../../../etc/passwd")),
    "an artifact": (3, config_as(mediaType="application/vnd.cncf.helm.config.v1+json")),
    "a layer of negative size": (4, layer_as(size=-1)),
    "a layer of another size": (3, layer_as(size=5)),
    "a layer of no size": (4, layer_as(size=None)),
    "a layer with a digest that is a path": (4, layer_as(digest="sha256:../../x")),
    "a foreign layer": (3, layer_as(urls=["http://169.254.169.254/latest/meta-data"])),
    "a layer not to be distributed": (
        3,
        layer_as(mediaType="application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"),
    ),
    "keys twice": (
        4,
        lambda m: json.dumps(m).encode().replace(b'{"schema', b'{"config":1,"schema'),
    ),
    "keys in two cases": (4, edited(CONFIG={"digest": "x", "size": 1})),
    "no object": (4, lambda _: b"[]"),
    "no JSON": (4, lambda _: b"nonsense"),
    "no text": (4, lambda _: b"\xff\xfe"),
    "nothing": (4, lambda _: b""),
    "a bomb of brackets": (4, lambda _: b"[" * 4_000_000),
    "a bomb of digits": (4, lambda _: b'{"config":' + b"9" * 1_000_000 + b"}"),
    "schema 1": (4, lambda _: b'{"schemaVersion":1,"fsLayers":[]}'),
    "an empty index": (4, lambda _: {"schemaVersion": 2, "manifests": []}),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_manifest_that_is_none(
    server: BadServer, asks: Callable[..., Outcome], cache: Path, name: str
) -> None:
    exit_code, change_it = DOCUMENTS[name]
    image = Served.of()
    image.put_up(server)
    document = change_it(image.manifest)
    put_up(server, document, "application/json")
    clear(asks(server.reference()).refused(exit_code))
    assert not kept(cache)
    assert all(path.startswith("/v2/a/b/") and ".." not in path for path in server.asked())


def test_a_manifest_of_2015(server: BadServer, asks: Callable[..., Outcome]) -> None:
    kind = "application/vnd.docker.distribution.manifest.v1+prettyjws"
    put_up(server, {"schemaVersion": 1, "fsLayers": []}, kind)
    assert "schema 1" in asks(server.reference()).refused(3)


def test_a_manifest_that_is_too_large(server: BadServer, asks: Callable[..., Outcome]) -> None:
    image = Served.of()
    image.put_up(server)
    put_up(server, {**image.manifest, "x": "y" * (4 << 20)}, MANIFEST)
    line = asks(server.reference()).refused(3)
    assert "4,194,304" in line


def test_a_config_that_is_none(server: BadServer, asks: Callable[..., Outcome]) -> None:
    configs: list[Any] = [[], "text", {"rootfs": {"diff_ids": ["x"]}}, {"rootfs": []}, {"os": 5}]
    for config in configs:
        image = Served.of()
        image.config = config
        data = json.dumps(config).encode()
        image.manifest["config"] = described(data, image.manifest["config"]["mediaType"])
        image.put_up(server)
        asks(server.reference()).refused(4)


def test_a_diff_id_that_is_another(
    server: BadServer, asks: Callable[..., Outcome], cache: Path
) -> None:
    image = Served.of()
    image.config["rootfs"]["diff_ids"] = ["sha256:" + "0" * 64]
    data = json.dumps(image.config).encode()
    image.manifest["config"] = described(data, image.manifest["config"]["mediaType"])
    image.put_up(server)
    assert "diff ID" in asks(server.reference()).refused(4)
    assert cache.exists()


# Indexes.


def entry(digest: str, server: BadServer, **more: Any) -> dict[str, Any]:
    page = server.pages[f"/v2/a/b/manifests/{digest}"]
    assert isinstance(page, Answer)
    kind = page.headers["Content-Type"]
    return {"mediaType": kind, "digest": digest, "size": len(page.body), **more}


AMD64 = {"platform": {"os": "linux", "architecture": "amd64"}}


def index_of(server: BadServer, *entries: dict[str, Any], tag: str = "1") -> str:
    document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(entries)}
    return put_up(server, document, INDEX, tag=tag)


@pytest.mark.parametrize(
    ("changes", "exit_code"),
    [
        ({"size": 5}, 4),
        ({"size": -5}, 4),
        ({"size": 2**40}, 4),
        ({"digest": "sha256:" + "0" * 64}, 3),
        ({"digest": "nonsense"}, 4),
        ({"mediaType": INDEX}, 4),
        ({"mediaType": "text/html"}, 3),
        ({"platform": {"os": "linux", "architecture": "s390x"}}, 0),
    ],
)
def test_an_index_with_a_wrong_entry(
    server: BadServer, asks: Callable[..., Outcome], changes: dict[str, Any], exit_code: int
) -> None:
    digest = Served.of().put_up(server, tag="one")
    index_of(server, {**entry(digest, server, **AMD64), **changes})
    outcome = asks(server.reference())
    if exit_code:
        clear(outcome.refused(exit_code))
    else:
        assert outcome.exit_code == 0  # the only one there is, and nobody asked for another


def test_a_platform_that_is_not_there(server: BadServer, asks: Callable[..., Outcome]) -> None:
    digest = Served.of().put_up(server, tag="one")
    index_of(server, entry(digest, server, **AMD64))
    line = asks(server.reference(), "--platform", "linux/arm64").refused(3)
    assert "linux/amd64" in line
    assert len(server.seen) == 1


def test_indexes_in_indexes(server: BadServer, asks: Callable[..., Outcome]) -> None:
    digest = Served.of().put_up(server, tag="one")
    inner = index_of(server, entry(digest, server, **AMD64))
    for _ in range(7):
        inner = index_of(server, entry(inner, server))
    assert asks(server.reference()).exit_code == 0
    index_of(server, entry(inner, server))
    assert "nests indexes" in asks(server.reference()).refused(4)


def test_an_index_that_contains_itself(server: BadServer, asks: Callable[..., Outcome]) -> None:
    """It cannot, so the server lies about one digest."""
    claimed = "sha256:" + "0" * 64
    digest = index_of(server, {"mediaType": INDEX, "digest": claimed, "size": 200})
    server.pages[f"/v2/a/b/manifests/{claimed}"] = server.pages[f"/v2/a/b/manifests/{digest}"]
    asks(server.reference()).refused(4)
    assert len(server.seen) == 2


@pytest.mark.slow
def test_an_index_that_makes_work(server: BadServer, asks: Callable[..., Outcome]) -> None:
    entries = [entry(index_of(server, tag=f"empty{n}"), server) for n in range(1)]
    for number in range(200):
        document = {"schemaVersion": 2, "manifests": [], "annotations": {"n": str(number)}}
        entries.append(entry(put_up(server, document, INDEX, tag="x"), server))
    index_of(server, *entries)
    line = asks(server.reference()).refused(4)
    assert "more than 64 documents" in line
    assert len(server.seen) <= 66
