"""`Client.get` and `post_form` against servers that are good, slow, wrong and endless."""

from __future__ import annotations

import socket
import threading

import pytest

from lightship.errors import UnreachableError
from lightship.net.client import Client
from lightship.net.errors import RateLimitedError, RequestError
from lightship.net.secret import Secret
from net.serving import (
    MOMENT,
    Naps,
    Notes,
    Request,
    Server,
    answer,
    client,
    listening,
    options,
    redirect,
    saying,
    saying_once,
    silent,
)

LIMIT = 1000


def failure(server: Server, **changes: object) -> RequestError:
    with client(options(attempts=1, **changes)) as asking, pytest.raises(RequestError) as caught:
        asking.get(f"{server.url}/v2/?token=hush", limit=LIMIT)
    assert "hush" not in str(caught.value)
    return caught.value


def test_an_answer_is_read_whole_whatever_its_status() -> None:
    said = answer(b'{"errors": []}', 404, Content_Type="application/json", Www="a")
    with Server(saying(said)) as server, client() as asking:
        got = asking.get(f"{server.url}/v2/a?n=1#part", limit=LIMIT, headers={"Accept": "text/x"})
    assert (got.status, got.body) == (404, b'{"errors": []}')
    assert got.url == f"{server.url}/v2/a"
    assert got.headers["content-type"] == "application/json"
    [request] = server.requests
    assert request.target == "/v2/a?n=1"
    assert request.headers["accept"] == "text/x"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["host"] == server.host
    assert "authorization" not in request.headers


def test_the_authorization_is_sent_and_headers_that_are_ours_are_refused() -> None:
    with Server(saying(answer())) as server, client() as asking:
        asking.get(server.url, limit=LIMIT, authorization=Secret("Bearer abc"))
        with pytest.raises(ValueError, match="Authorization"):
            asking.get(server.url, limit=LIMIT, headers={"Authorization": "Bearer abc"})
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer abc"]


@pytest.mark.parametrize("text", ["a\r\nX: y", "a\nb", "\u20ac", "\u00e9"])
def test_a_credential_that_no_header_can_hold_is_not_quoted(text: str) -> None:
    with client() as asking, pytest.raises(RequestError) as caught:
        asking.get("http://127.0.0.1:1/", limit=9, authorization=Secret(f"Basic hush{text}"))
    assert "the header Authorization would hold what no header can" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_what_comes_unasked_is_no_answer_to_the_next_request() -> None:
    said, go, gone = [b"abc", b"def"], threading.Event(), threading.Event()

    def respond(_: Request, sock: socket.socket) -> bool:
        sock.sendall(answer(said.pop(0)))
        if said:
            go.wait(20)
            sock.sendall(answer(b"forged"))
            gone.set()
        return True

    with Server(respond) as server, client() as asking:
        assert asking.get(server.url, limit=9).body == b"abc"
        go.set()
        gone.wait(20)
        assert asking.get(server.url, limit=9).body == b"def"


def test_headers_that_come_twice_are_joined() -> None:
    said = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nwww-authenticate: Bearer x\r\n\r\n"
    with Server(saying_once(said)) as server, client() as asking:
        assert asking.get(server.url, limit=1).headers["www-authenticate"] == "Basic, Bearer x"


def test_one_connection_serves_many_requests() -> None:
    with Server(saying(answer(b"abc"))) as server, client() as asking:
        for _ in range(5):
            asking.get(server.url, limit=3)
    assert (server.connections, len(server.requests)) == (1, 5)


def test_a_connection_that_the_server_closed_meanwhile_costs_no_attempt() -> None:
    naps = Naps()
    with Server(saying_once(answer(b"abc"))) as server, client(naps=naps) as asking:
        for _ in range(3):
            assert asking.get(server.url, limit=3).body == b"abc"
    assert naps.seconds == []


@pytest.mark.parametrize(
    "said",
    [
        answer(bytes(LIMIT + 1)),
        answer(b"", length=LIMIT + 1),
        answer(bytes(LIMIT + 1), length=None),
        answer(
            b"3E9\r\n" + bytes(1001) + b"\r\n0\r\n\r\n", length=None, Transfer_Encoding="chunked"
        ),
    ],
)
def test_a_longer_body_than_allowed_is_refused(said: bytes) -> None:
    with Server(saying_once(said)) as server:
        assert "longer than the 1,000 bytes" in str(failure(server))


@pytest.mark.parametrize(
    "said",
    [
        answer(bytes(LIMIT)),
        answer(bytes(LIMIT), length=None),
        answer(
            b"3E8\r\n" + bytes(1000) + b"\r\n0\r\n\r\n", length=None, Transfer_Encoding="chunked"
        ),
    ],
)
def test_a_body_of_exactly_the_limit_is_read(said: bytes) -> None:
    with Server(saying_once(said)) as server, client() as asking:
        assert asking.get(server.url, limit=LIMIT).body == bytes(LIMIT)


def test_an_endless_body_is_given_up() -> None:
    def endless(_: Request, sock: socket.socket) -> None:
        sock.sendall(answer(length=None))
        while True:
            sock.sendall(bytes(4096))

    with Server(endless) as server:
        assert "longer" in str(failure(server))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000 + b"\r\n\r\n", "too long"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: x\r\n" * 200 + b"\r\n", "too many headers"),
        (b"HTTP/1.1 200 OK\r\n" + (b"A: " + b"x" * 60_000 + b"\r\n") * 5, "longer than"),
        (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", "malformed"),
        (b"HTTP/1.1 200 OK\r\nA: x\ry\r\r\nContent-Length: 0\r\n\r\n", "malformed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1_0\r\n\r\n", "Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "Content-Length"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "Transfer-Encoding"),
        (b"HTTP/1.1 abc OK\r\n\r\n", "not HTTP"),
        (b"HTTP/7.1 200 OK\r\n\r\n", "not HTTP"),
        (b"SSH-2.0-OpenSSH\r\n", "not HTTP"),
        (b"\x15\x03\x01\x00\x02\x02\x16\n", "may speak TLS only"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n", "broke off"),
        (b"HTTP/1.1 20", "broke off"),
        (b"", "broke off"),
        (answer(b"abc", length=4), "broke off"),
        (answer(b"3\r\nab", length=None, Transfer_Encoding="chunked"), "broke off"),
        (answer(b"3\r\nabc\r\n", length=None, Transfer_Encoding="chunked"), "broke off"),
        (answer(b"zz\r\nabc\r\n", length=None, Transfer_Encoding="chunked"), "broke off"),
        (answer(b"-1\r\nabc\r\n", length=None, Transfer_Encoding="chunked"), "broke off"),
        (
            answer(b"0\r\n" + b"A: b\r\n" * 200, length=None, Transfer_Encoding="chunked"),
            "trailers",
        ),
        (answer(b"abc", Content_Encoding="gzip"), "another encoding"),
    ],
)
def test_what_is_no_answer_is_said_in_one_line(said: bytes, words: str) -> None:
    with Server(saying_once(said)) as server:
        problem = failure(server)
    assert words in str(problem)
    assert problem.exit_code == 3
    assert "\n" not in str(problem)


def test_an_endless_stream_of_provisional_answers_is_given_up() -> None:
    def endless(_: Request, sock: socket.socket) -> None:
        while True:
            sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    with Server(endless) as server:
        assert "longer than" in str(failure(server))


def test_provisional_answers_are_skipped() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    with Server(saying(hints + answer(b"abc"))) as server, client() as asking:
        assert asking.get(server.url, limit=3).body == b"abc"


def test_an_error_page_in_another_encoding_is_a_status_without_a_body() -> None:
    with (
        Server(saying(answer(b"\x1f\x8b", 404, Content_Encoding="gzip"))) as server,
        client() as asking,
    ):
        assert (
            asking.get(server.url, limit=9).status,
            asking.get(server.url, limit=9).body,
        ) == (
            404,
            b"",
        )


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\n", answer(b"ab", length=3)])
def test_a_server_that_stalls_is_given_up(first: bytes) -> None:
    def stall(request: Request, sock: socket.socket) -> None:
        sock.sendall(first)
        silent(request, sock)

    with Server(stall) as server:
        assert "sent nothing for 0.3 s" in str(failure(server, stall_seconds=MOMENT))


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\nA: ", answer(length=900)])
def test_a_server_that_drips_is_given_up(first: bytes) -> None:
    def drip(_: Request, sock: socket.socket) -> None:
        sock.sendall(first)
        sock.settimeout(0.02)
        while True:
            sock.sendall(b"x")
            try:
                sock.recv(1)
            except TimeoutError:
                continue
            return

    with Server(drip) as server:
        words = str(failure(server, stall_seconds=0.1))
    assert "hardly anything" in words or "sent nothing" in words


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again(status: int) -> None:
    notes, naps = Notes(), Naps()
    trouble = answer(b"no", status)
    with (
        Server(saying(trouble, trouble, answer(b"yes"))) as server,
        client(progress=notes, naps=naps) as asking,
    ):
        assert asking.get(f"{server.url}/v2/", limit=9).body == b"yes"
    assert len(naps.seconds) == 2
    assert 0 < naps.seconds[0] < 1
    assert str(status) in notes.notes[0]
    assert "attempt 2 of 3" in notes.notes[0]


def test_the_last_answer_stands() -> None:
    with Server(saying(answer(b"no", 503))) as server, client() as asking:
        got = asking.get(server.url, limit=9)
    assert (got.status, got.body, len(server.requests)) == (503, b"no", 3)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 416, 501])
def test_other_answers_are_not_asked_for_again(status: int) -> None:
    with Server(saying(answer(b"", status))) as server, client() as asking:
        assert asking.get(server.url, limit=9).status == status
    assert len(server.requests) == 1


@pytest.mark.parametrize("broken", [b"", b"HTTP/1.1 2", answer(b"y", length=3)])
def test_a_connection_that_is_dropped_is_asked_again(broken: bytes) -> None:
    left = [broken, broken, answer(b"yes")]

    def respond(_: Request, sock: socket.socket) -> None:
        sock.sendall(left.pop(0))

    with Server(respond) as server, client() as asking:
        assert asking.get(server.url, limit=9).body == b"yes"


def test_a_server_that_drops_every_connection_is_given_up() -> None:
    with (
        Server(saying_once(b"")) as server,
        client() as asking,
        pytest.raises(RequestError, match="broke off"),
    ):
        asking.get(server.url, limit=9)
    assert len(server.requests) == 3


def test_a_wait_that_the_server_asks_for_is_waited_and_told() -> None:
    notes, naps = Notes(), Naps()
    with (
        Server(saying(answer(b"", 429, Retry_After="7"), answer(b"yes"))) as server,
        client(progress=notes, naps=naps) as asking,
    ):
        assert asking.get(server.url, limit=9).body == b"yes"
    assert naps.seconds == [pytest.approx(7, abs=0.1)]
    assert "too many requests (429); asking again in 7.0 s" in notes.notes[0]


def test_a_longer_wait_than_our_patience_is_an_error_that_says_when() -> None:
    naps = Naps()
    said = answer(
        b'{"errors": [{"code": "TOOMANYREQUESTS", "message": "pull rate \\u001b[1m limit"}]}',
        429,
        Retry_After="7200",
        Content_Type="application/json",
    )
    with (
        Server(saying(said)) as server,
        client(naps=naps) as asking,
        pytest.raises(RateLimitedError) as caught,
    ):
        asking.get(f"{server.url}/v2/", limit=9)
    assert (caught.value.status, naps.seconds, len(server.requests)) == (429, [], 1)
    assert "Come again in 2 h 0 min, at " in str(caught.value)
    assert "pull rate \\x1b[1m limit" in str(caught.value)
    assert caught.value.again_at.utcoffset() is not None


def test_offline_no_server_is_asked() -> None:
    with Server(saying(answer())) as server, client(options(offline=True)) as asking:
        with pytest.raises(UnreachableError, match="--offline"):
            asking.get(server.url, limit=9)
        with pytest.raises(UnreachableError, match="--offline"):
            asking.open(server.url, expected_bytes=9)
        with pytest.raises(UnreachableError, match="--offline"):
            asking.post_form(server.url, {}, limit=9)
    assert server.connections == 0


def test_plain_http_is_spoken_to_named_hosts_alone() -> None:
    with Server(saying(answer())) as server:
        for named in ("127.0.0.1", server.host):
            with client(options(plain_http=frozenset({named}))) as asking:
                assert asking.base_url(server.host) == server.url
                assert asking.get(server.url, limit=9).status == 200
        for named in ("127.0.0.2", f"127.0.0.1:{server.port + 1}", "localhost"):
            with client(options(plain_http=frozenset({named}))) as asking:
                assert asking.base_url(server.host) == f"https://{server.host}"
                with pytest.raises(UnreachableError, match=f"--plain-http {server.host}"):
                    asking.get(server.url, limit=9)
    assert len(server.requests) == 2


def test_nobody_there() -> None:
    with listening() as free:
        port = free.getsockname()[1]
    with client() as asking:
        with pytest.raises(RequestError, match="connection was refused"):
            asking.get(f"http://127.0.0.1:{port}/", limit=9)
        with pytest.raises(RequestError, match="cannot be resolved"):
            asking.get("https://[fe80::1%nosuch]/", limit=9)
        with pytest.raises(RequestError, match="cannot be resolved"):
            asking.get(f"https://{'a' * 70}.invalid/", limit=9)


def test_a_host_that_swallows_everything_is_given_up() -> None:
    # A full backlog drops what comes after it.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(address)
        with (
            client(options(connect_seconds=0.2)) as asking,
            pytest.raises(RequestError, match=r"no connection within 0\.2 s"),
        ):
            asking.get(f"http://127.0.0.1:{address[1]}/", limit=9)
        for sock in waiting:
            sock.close()


def test_a_form_is_sent_once() -> None:
    with Server(saying(answer(b"{}"))) as server, client() as asking:
        got = asking.post_form(
            f"{server.url}/token", {"scope": "a b", "password": Secret("p&w=ü")}, limit=9
        )
    assert got.body == b"{}"
    [request] = server.requests
    assert (request.method, request.target) == ("POST", "/token")
    assert request.body == b"scope=a+b&password=p%26w%3D%C3%BC"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("said", [b"", answer(b"no", 503), answer(b"no", 429, Retry_After="1")])
def test_a_form_is_never_sent_twice(said: bytes) -> None:
    with Server(saying_once(said)) as server, client() as asking:
        if said:
            assert asking.post_form(server.url, {}, limit=9).body == b"no"
        else:
            with pytest.raises(RequestError, match="broke off"):
                asking.post_form(server.url, {}, limit=9)
    assert len(server.requests) == 1


def test_a_form_is_not_sent_on() -> None:
    with (
        Server(saying(answer())) as other,
        Server(saying(redirect(other.url))) as server,
        client() as asking,
        pytest.raises(RequestError, match="not sent on"),
    ):
        asking.post_form(server.url, {"password": Secret("hush")}, limit=9)
    assert other.connections == 0


def test_a_forgotten_client_leaves_nothing_open() -> None:
    # Warnings are errors here: an open socket that is collected would fail this test.
    with Server(saying(answer(b"abc"))) as server:
        client().get(server.url, limit=9)
        stream = client().open(server.url, expected_bytes=3)
        stream.read(1)
        del stream


def test_a_closed_client_keeps_no_connection() -> None:
    with Server(saying(answer(b"abc"))) as server:
        asking = client()
        asking.get(server.url, limit=9)
        asking.close()
        asking.get(server.url, limit=9)
        assert isinstance(asking, Client)
    assert server.connections == 2
