"""`Client.send`: methods and bodies against servers that are good, wrong and in a hurry."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from lightship.errors import CorruptInputError, UnreachableError
from lightship.net.addresses import Guard
from lightship.net.answers import Response
from lightship.net.errors import RateLimitedError, RequestError
from lightship.net.places import Place
from lightship.net.secret import Secret
from lightship.net.sending import NO_BODY, Body, Sending
from net.serving import (
    Naps,
    Request,
    Server,
    answer,
    client,
    options,
    redirect,
    saying,
    saying_once,
    silent,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from net.certificates import Authority, Tls
    from net.serving import Answering

LIMIT = 1000
SECRET = Secret("Bearer hush")


def put(data: bytes = b"abc", method: str = "PUT") -> Sending:
    return Sending(method, Body.of(data, "text/x"))


def tunnel_to(port: int) -> Answering:
    """A proxy whose tunnels all lead to `port` here."""

    def copy(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                sink.sendall(piece)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def respond(_: Request, sock: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as there:
            sock.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=copy, args=(there, sock))
            back.start()
            copy(sock, there)
            back.join()

    return respond


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_body_arrives_as_it_is(method: str) -> None:
    data = bytes(range(256)) * 4000
    with Server(saying(answer(b"done", 201))) as server, client() as asking:
        place = Place.of(f"{server.url}/v2/?a=b").asking(digest="sha256:a&b")
        got = asking.send(
            place, put(data, method), limit=LIMIT, headers={"X-Y": "z"}, authorization=SECRET
        )
    assert (got.status, got.body) == (201, b"done")
    [request] = server.requests
    assert (request.method, request.body) == (method, data)
    assert request.target == "/v2/?a=b&digest=sha256%3Aa%26b"
    assert request.headers["content-type"] == "text/x"
    assert request.headers["x-y"] == "z"
    assert request.headers["authorization"] == "Bearer hush"
    assert "transfer-encoding" not in request.headers


def test_without_a_body_the_length_is_told_where_one_could_be() -> None:
    with Server(saying(answer())) as server, client() as asking:
        asking.send(Place.of(server.url), Sending("POST", NO_BODY), limit=LIMIT)
        asking.send(Place.of(server.url), Sending("DELETE"), limit=LIMIT)
    assert server.requests[0].headers["content-length"] == "0"
    assert "content-type" not in server.requests[0].headers
    assert "content-length" not in server.requests[1].headers


def test_the_head_of_something_large_is_an_answer() -> None:
    head = answer(length=10**15, Content_Encoding="gzip", X_Kept="yes")
    chunked = answer(length=None, Transfer_Encoding="chunked")
    with Server(saying(head, chunked, head)) as server, client() as asking:
        for _ in range(3):
            got = asking.send(Place.of(server.url), Sending("HEAD"), limit=LIMIT)
            assert (got.status, got.body) == (200, b"")
    assert server.connections == 1
    assert {request.method for request in server.requests} == {"HEAD"}


@pytest.mark.parametrize("status", [307, 308])
def test_a_body_goes_to_where_a_redirect_leads_but_the_credentials_do_not(status: int) -> None:
    with (
        Server(saying(answer(b"there"))) as other,
        Server(saying(redirect(f"{other.url}/x", status))) as server,
        client() as asking,
    ):
        got = asking.send(Place.of(server.url), put(), limit=LIMIT, authorization=SECRET)
    assert got.body == b"there"
    [request] = other.requests
    assert (request.method, request.body) == ("PUT", b"abc")
    assert "authorization" not in request.headers


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_change_the_method_is_the_answer(status: int) -> None:
    with Server(saying(redirect("/x", status))) as server, client() as asking:
        assert asking.send(Place.of(server.url), put(), limit=LIMIT).status == status
        assert len(server.requests) == 1
    with Server(saying(redirect("/x", status), answer(b"y"))) as server, client() as asking:
        got = asking.send(Place.of(server.url), Sending("HEAD"), limit=LIMIT)
    assert (got.status, server.requests[1].method) == (200, "HEAD")


def test_it_is_sent_again_as_long_as_that_can_help() -> None:
    naps = Naps()
    said = saying(answer(status=503), answer(status=429, Retry_After="7"), answer())
    with Server(said) as server, client(naps=naps) as asking:
        got = asking.send(Place.of(server.url), put(), limit=LIMIT)
    assert got.status == 200
    assert [request.body for request in server.requests] == [b"abc"] * 3
    assert len(naps.seconds) == 2
    assert naps.seconds[1] >= 7


def test_or_once_and_then_the_attempts_are_counted_elsewhere() -> None:
    naps = Naps()
    with Server(saying(answer(b"busy", 503))) as server, client(naps=naps) as asking:
        attempts = asking.attempts()
        for number in range(3):
            got = asking.send(Place.of(server.url), put(), limit=LIMIT, again=False)
            assert got.body == b"busy"
            assert attempts.after_response(got, None) is (number < 2)
        attempts.begin_again()
        assert attempts.after_response(got, None)
        assert not attempts.after_response(Response(server.url, 404, {}, b""), None)
    assert len(naps.seconds) == 3


def test_a_wait_that_is_too_long_is_said_also_later() -> None:
    late = Response("http://x/", 429, {"retry-after": "600"}, b"quoting Bearer hush")
    with client() as asking, pytest.raises(RateLimitedError) as caught:
        asking.attempts().after_response(late, SECRET)
    assert "hush" not in str(caught.value)
    assert caught.value.status == 429


def test_an_answer_that_comes_before_the_body_is_read() -> None:
    def impatient(sock: socket.socket) -> socket.socket:
        sock.settimeout(20)
        while b"\r\n\r\n" not in sock.recv(1 << 16, socket.MSG_PEEK):
            pass
        sock.sendall(answer(b"too large", 413))
        sock.shutdown(socket.SHUT_WR)
        sock.recv(1 << 16)
        raise OSError

    with Server(silent, tls=impatient) as server, client() as asking:
        url = f"http://{server.host}"
        got = asking.send(Place.of(url), put(bytes(50_000_000)), limit=LIMIT, again=False)
        assert (got.status, got.body) == (413, b"too large")
        again = asking.send(Place.of(url), put(bytes(50_000_000)), limit=LIMIT, again=False)
        assert again.status == 413
    assert server.connections == 2  # half a body is followed by nothing


def test_a_connection_that_the_server_closed_meanwhile_costs_an_attempt() -> None:
    naps = Naps()
    with Server(saying_once(answer(b"abc"))) as server, client(naps=naps) as asking:
        for _ in range(3):
            assert asking.send(Place.of(server.url), put(), limit=LIMIT).body == b"abc"
    assert len(naps.seconds) <= 2


def test_silence_is_not_waited_for_but_longer_where_it_is_asked() -> None:
    with (
        Server(silent) as server,
        client(options(attempts=1, stall_seconds=0.2)) as asking,
        pytest.raises(RequestError, match="sent nothing"),
    ):
        asking.send(Place.of(server.url), put(), limit=LIMIT)

    def slowly(_: Request, sock: socket.socket) -> bool:
        sock.settimeout(0.6)
        try:
            sock.recv(1)
        except TimeoutError:
            sock.sendall(answer(b"at last"))
        return True

    with Server(slowly) as server, client(options(attempts=1, stall_seconds=0.2)) as asking:
        patient = Sending("PUT", NO_BODY, answer_seconds=20.0)
        assert asking.send(Place.of(server.url), patient, limit=LIMIT).body == b"at last"


def test_what_the_body_raises_comes_out_and_the_request_has_no_end() -> None:
    problem = CorruptInputError("the source is broken")

    def pieces() -> Iterator[bytes]:
        yield b"abc"
        raise problem

    with Server(saying(answer())) as server, client() as asking:
        with pytest.raises(CorruptInputError) as caught:
            asking.send(Place.of(server.url), Sending("PUT", Body(pieces, 6)), limit=LIMIT)
        assert caught.value is problem
        assert asking.send(Place.of(server.url), put(), limit=LIMIT).status == 200
    assert b"".join(one.body for one in server.requests if len(one.body) == 6) == b""


def test_a_body_goes_over_tls_and_through_proxies(authority: Authority, tls: Tls) -> None:
    data = bytes(range(256)) * 4000
    with Server(saying(answer(b"done", 201)), tls=tls) as server:
        given = options(ca_file=authority.certificate)
        with client(given) as asking:
            place = Place.of(f"https://localhost:{server.port}/v2/")
            for _ in range(2):
                assert asking.send(place, put(data), limit=LIMIT).status == 201
        with Server(tunnel_to(server.port)) as proxy:
            environment = {"HTTPS_PROXY": proxy.url}
            with client(given, environment=environment) as asking:
                place = Place.of("https://registry.example:5000/v2/")
                asking.send(place, put(data), limit=LIMIT, authorization=SECRET)
        assert "authorization" not in proxy.requests[0].headers
    assert [request.body for request in server.requests] == [data] * 3
    with Server(saying(answer(b"done", 201))) as proxy:
        given = options(plain_http=frozenset({"registry.example"}))
        with client(given, environment={"HTTP_PROXY": proxy.url}) as asking:
            asking.send(Place.of("http://registry.example/v2/?a=b"), put(data), limit=LIMIT)
    assert proxy.requests[0].target == "http://registry.example/v2/?a=b"
    assert proxy.requests[0].body == data


def test_offline_and_in_the_clear_nothing_is_sent() -> None:
    with Server(saying(answer())) as server:
        place = Place.of(server.url)
        with client(options(offline=True)) as asking, pytest.raises(UnreachableError):
            asking.send(place, put(), limit=LIMIT)
        with client(options(plain_http=frozenset())) as asking, pytest.raises(UnreachableError):
            asking.send(place, put(), limit=LIMIT)
    assert not server.requests


def led(here: str, location: str, *, is_local: bool = False) -> Place:
    given = options(plain_http=frozenset({"plain.example", "10.0.0.1", "127.0.0.1"}))
    reply = Response(here.partition("?")[0], 202, {"location": location}, b"", is_local=is_local)
    return Place.of(here).led(reply, given)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/v2/a/b/blobs/uploads/1?s=t", "https://one.example/v2/a/b/blobs/uploads/1?s=t"),
        ("1?s=t", "https://one.example/v2/a/1?s=t"),
        ("https://one.example/x", "https://one.example/x"),
        ("https://one.example:443/x", "https://one.example/x"),
        ("//one.example/x", "https://one.example/x"),
    ],
)
def test_a_location_on_the_same_host_keeps_the_credentials(location: str, url: str) -> None:
    place = led("https://one.example/v2/a/uploads?m=1", location)
    assert f"{place.target.origin}{place.target.request}" == url
    assert place.at_home
    assert place.guard is Guard.NONE


@pytest.mark.parametrize("location", ["https://two.example/x", "https://one.example:444/x"])
def test_another_host_gets_none_and_neither_does_who_comes_back_from_there(location: str) -> None:
    place = led("https://one.example/v2/", location)
    assert not place.at_home
    assert place.guard is Guard.FROM_AFAR
    back = Response(str(place.target), 202, {"location": "https://one.example/v2/evil"}, b"")
    assert not place.led(back, options()).at_home


@pytest.mark.parametrize(
    "location",
    [
        "http://one.example/x",
        "http://plain.example/x",
        "https://localhost/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::1]/x",
        "https://2130706433/x",
        "https://user:hush@two.example/",
        "ftp://one.example/x",
        "https:///x",
        "https://two.example/\x00",
    ],
)
def test_nobody_leads_us_out_of_tls_nor_to_this_machine(location: str) -> None:
    with pytest.raises(RequestError) as caught:
        led("https://one.example/v2/", location)
    assert "place to upload to" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_server_on_this_machine_may_lead_to_it() -> None:
    place = led("http://127.0.0.1:1/v2/", "http://127.0.0.1:2/x", is_local=True)
    assert not place.at_home
    assert place.guard is Guard.FROM_HERE


def test_without_a_location_it_stays() -> None:
    here = Place.of("https://one.example/v2/?a=b")
    assert here.led(Response("https://one.example/v2/", 202, {}, b""), options()) == here


def test_a_name_that_resolves_to_this_machine_is_refused_where_we_were_led() -> None:
    place = led("https://one.example/v2/", "https://two.example/x")
    hosts = {"two.example": "127.0.0.1"}
    real = socket.getaddrinfo

    def resolved(host: str, *rest: object, **named: object) -> object:
        return real(hosts.get(host, host), *rest, **named)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch, client() as asking:
        patch.setattr(socket, "getaddrinfo", resolved)
        with pytest.raises(RequestError) as caught:
            asking.send(place, put(), limit=LIMIT)
    assert "this machine" in str(caught.value)
