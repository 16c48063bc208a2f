"""Where redirects lead, and what goes along."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING

import pytest

from lightship.net.addresses import Guard
from lightship.net.errors import RequestError
from lightship.net.failures import TROUBLES
from lightship.net.secret import Secret
from lightship.net.sockets import RefusedAddressError, TcpConnection
from net.serving import (
    Request,
    Server,
    answer,
    client,
    listening,
    options,
    redirect,
    saying,
)

if TYPE_CHECKING:
    import socket

    from net.certificates import Authority, Tls

TOKEN = Secret("Bearer hush")
FAR = "http://registry.example"


def refusal(url: str, proxy: Server | None = None, **changes: object) -> str:
    environment = {"HTTP_PROXY": proxy.url} if proxy else {}
    with (
        client(options(**changes), environment=environment) as asking,
        pytest.raises(RequestError) as caught,
    ):
        asking.get(url, limit=9, authorization=TOKEN)
    assert "hush" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("relative", [True, False])
def test_a_redirect_is_followed(status: int, relative: bool) -> None:
    def respond(request: Request, sock: socket.socket) -> bool:
        place = "../b?sig=1#x" if relative else f"http://{request.headers['host']}/b?sig=1"
        sock.sendall(answer(b"abc") if "/b" in request.target else redirect(place, status))
        return True

    with Server(respond) as server, client() as asking:
        got = asking.get(f"{server.url}/v2/a", limit=9, headers={"Accept": "x"})
    assert (got.url, got.body) == (f"{server.url}/b", b"abc")
    assert [request.target for request in server.requests] == ["/v2/a", "/b?sig=1"]
    assert {request.headers["accept"] for request in server.requests} == {"x"}
    assert server.connections == 1


@pytest.mark.parametrize("status", [300, 304, 305, 306])
def test_other_statuses_are_answers(status: int) -> None:
    with Server(saying(redirect("/elsewhere", status))) as server, client() as asking:
        assert asking.get(server.url, limit=9).status == status
    assert len(server.requests) == 1


def test_the_authorization_is_for_one_origin_and_does_not_come_back() -> None:
    hops: list[str] = []

    def respond(_: Request, sock: socket.socket) -> bool:
        sock.sendall(redirect(hops.pop(0)) if hops else answer(b"abc"))
        return True

    with Server(respond) as home, Server(respond) as other, client() as asking:
        hops += [f"{home.url}/second", f"{other.url}/third", f"{other.url}/4", f"{home.url}/fifth"]
        asking.get(f"{home.url}/first", limit=9, authorization=TOKEN)
    sent = {r.target: r.headers.get("authorization") for r in (*home.requests, *other.requests)}
    assert sent == {
        "/first": "Bearer hush",
        "/second": "Bearer hush",
        "/third": None,
        "/4": None,
        "/fifth": None,
    }


def test_the_same_host_under_another_scheme_is_another_origin(
    authority: Authority, tls: Tls
) -> None:
    # Both on one port of different addresses, as near as two origins come.
    with Server(saying(answer(b"abc")), listener=listening("127.0.0.2"), tls=tls) as secure:
        plain = Server(saying(redirect(secure.url)), listener=listening("127.0.0.1", secure.port))
        with plain, client(options(ca_file=authority.certificate)) as asking:
            assert asking.get(plain.url, limit=9, authorization=TOKEN).body == b"abc"
    assert plain.requests[0].headers["authorization"] == "Bearer hush"
    assert "authorization" not in secure.requests[0].headers


def test_never_from_https_to_http(authority: Authority, tls: Tls) -> None:
    with (
        Server(saying(answer())) as plain,
        Server(saying(redirect(f"{plain.url}/?token=hush")), tls=tls) as secure,
    ):
        words = refusal(secure.url, ca_file=authority.certificate)
    assert f"it leads from https to {plain.url}" in words
    assert plain.connections == 0


def test_only_to_plain_http_that_was_allowed() -> None:
    with (
        Server(saying(answer())) as other,
        Server(saying(redirect(other.url)), listener=listening("127.0.0.2")) as server,
    ):
        words = refusal(server.url, plain_http=frozenset({"127.0.0.2"}))
    assert f"it leads to {other.url}, which was not allowed" in words
    assert other.connections == 0


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("ftp://127.0.0.1/a", "scheme ftp"),
        ("file:///etc/passwd", "scheme file"),
        ("gopher://127.0.0.1/", "scheme gopher"),
        ("http://user:hush@127.0.0.1/", "a user or a password"),
        ("http://hush@127.0.0.1/", "a user or a password"),
        ("http://127.0.0.1:99999/?token=hush", "not well formed"),
        ("http:///a?token=hush", "not well formed"),
        ("http://[::1/?hush", "not well formed"),
        ("http://a b/?hush", "not well formed"),
        ("http://127.0.0.1\\@evil.example/", "not well formed"),
        ("", "to nowhere"),
    ],
)
def test_other_places_are_refused(location: str, words: str) -> None:
    with Server(saying(redirect(location))) as server:
        assert words in refusal(server.url)


def test_a_redirect_without_a_place() -> None:
    with Server(saying(answer(status=307))) as server:
        assert "to nowhere" in refusal(server.url)


def test_ten_redirects_and_no_more() -> None:
    left: list[int] = []

    def respond(_: Request, sock: socket.socket) -> bool:
        left[0] -= 1
        sock.sendall(redirect("/on") if left[0] >= 0 else answer(b"abc"))
        return True

    with Server(respond) as server, client() as asking:
        left[:] = [10]
        assert asking.get(server.url, limit=9).body == b"abc"
        left[:] = [11]
        with pytest.raises(RequestError, match="more than 10 redirects"):
            asking.get(server.url, limit=9)
    assert len(server.requests) == 22


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.8.9.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "a.localhost",
        "0.0.0.0",  # noqa: S104
        "0",
        "[::]",
        "169.254.169.254",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "224.0.0.1",
        "[ff02::1]",
        "255.255.255.255",
    ],
)
def test_from_afar_nobody_leads_us_home_or_to_the_neighbours(host: str) -> None:
    hosts = frozenset({"registry.example", host.lower(), host.lower().strip("[]")})
    # The proxy answers for the registry; loopback is never asked through it.
    with (
        Server(saying(answer())) as inner,
        Server(saying(redirect(f"http://{host}:{inner.port}/"))) as proxy,
    ):
        words = refusal(f"{FAR}/v2/", proxy, plain_http=hosts)
    assert "a redirect is not followed: it leads to" in words
    assert inner.connections == 0
    assert len(proxy.requests) == 1


def test_from_here_loopback_is_fine_but_not_the_rest() -> None:
    with (
        Server(saying(answer(b"abc"))) as other,
        client() as asking,
        Server(saying(redirect(other.url))) as server,
    ):
        assert asking.get(server.url, limit=9).body == b"abc"
    for host in ("169.254.169.254", "0.0.0.0", "224.0.0.1"):  # noqa: S104
        with Server(saying(redirect(f"http://{host}/"))) as server:
            words = refusal(server.url, plain_http=frozenset({"127.0.0.1", host}))
        assert "it leads to a" in words


def test_a_name_that_resolves_to_loopback_is_refused_before_it_is_connected_to() -> None:
    with listening() as listener:
        near = TcpConnection("localhost", listener.getsockname()[1], timeout=5)
        near.guard = Guard.FROM_AFAR
        with pytest.raises(RefusedAddressError, match="this machine itself"):
            near.connect()
        waiting = select.poll()
        waiting.register(listener, select.POLLIN)
        assert waiting.poll(50) == []
        near.guard = Guard.FROM_HERE
        near.connect()
        assert near.peer == "127.0.0.1"
        near.close()
    assert issubclass(RefusedAddressError, TROUBLES)


def test_what_a_server_elsewhere_names_does_not_lead_here() -> None:
    with Server(saying(answer(b"abc"), answer(b"abc"))) as server, client() as asking:
        assert asking.get(server.url, limit=9).is_local
        before = len(server.requests)
        with pytest.raises(RequestError, match="this machine itself"):
            asking.get(server.url, limit=9, from_afar=True)
        with pytest.raises(RequestError, match="this machine itself"):
            asking.post_form(server.url, {"a": Secret("b")}, limit=9, from_afar=True)
        assert len(server.requests) == before


def test_a_body_beside_a_redirect_does_not_matter() -> None:
    for said in (
        answer(bytes(1000), 307, Location="/b"),
        answer(bytes(1000), 307, length=10**9, Location="/b"),
        answer(b"zz", 307, length=None, Location="/b", Transfer_Encoding="chunked"),
    ):
        with Server(saying(said, answer(b"abc"))) as server, client() as asking:
            assert asking.get(f"{server.url}/a", limit=9).body == b"abc"


def test_a_challenge_of_another_origin_is_left_out() -> None:
    challenge = answer(b"", 401, WWW_Authenticate='Bearer realm="http://127.0.0.1/steal"')
    with Server(saying(challenge)) as other, client() as asking:
        assert "www-authenticate" in asking.get(other.url, limit=9).headers
        with Server(saying(redirect(other.url))) as server:
            got = asking.get(server.url, limit=9, authorization=TOKEN)
    assert (got.status, "www-authenticate" in got.headers) == (401, False)


def test_a_stream_follows_too_and_keeps_the_authorization_at_home() -> None:
    with (
        Server(saying(answer(b"abc"))) as store,
        Server(saying(redirect(f"{store.url}/?sig=hush"))) as server,
        client() as asking,
        asking.open(server.url, expected_bytes=3, authorize=lambda _: TOKEN) as body,
    ):
        assert body.read() == b"abc"
    assert server.requests[0].headers["authorization"] == "Bearer hush"
    assert "authorization" not in store.requests[0].headers
