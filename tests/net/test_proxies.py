"""Proxies: which is meant, and what goes through them."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from lightship.errors import UnreachableError
from lightship.net.errors import RequestError
from lightship.net.origins import parse_target
from lightship.net.proxies import proxy_for
from lightship.net.secret import Secret
from net.serving import Request, Server, answer, client, listening, options, saying

if TYPE_CHECKING:
    from net.certificates import Authority, Tls
    from net.serving import Answering

BASIC = f"Basic {base64.b64encode(b'me:hu:sh').decode()}"


def via(url: str, **environment: str) -> str | None:
    proxy = proxy_for(parse_target(url).origin, environment)
    return str(proxy.origin) if proxy else None


@pytest.mark.parametrize(
    ("environment", "https", "http"),
    [
        ({}, None, None),
        ({"HTTPS_PROXY": "http://p:1"}, "http://p:1", None),
        ({"https_proxy": "http://p:1"}, "http://p:1", None),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:1"}, "http://p:1", None),
        ({"HTTPS_PROXY": "", "https_proxy": "http://q:1"}, "http://q:1", None),
        ({"HTTP_PROXY": "http://p:1"}, None, "http://p:1"),
        ({"http_proxy": "p:3128"}, None, "http://p:3128"),
        ({"http_proxy": "p"}, None, "http://p"),
        ({"ALL_PROXY": "https://p"}, "https://p", "https://p"),
        ({"all_proxy": "http://a:1", "http_proxy": "http://p:1"}, "http://a:1", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"}, None, None),
        ({"http_proxy": "http://p:1", "REQUEST_METHOD": "GET"}, None, "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "REQUEST_METHOD": "GET"}, "http://p:1", None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "*"}, None, None),
    ],
)
def test_the_variables(environment: dict[str, str], https: str | None, http: str | None) -> None:
    assert via("https://registry.example/", **environment) == https
    assert via("http://registry.example/", **environment) == http


@pytest.mark.parametrize(
    ("no_proxy", "url", "excepted"),
    [
        ("example.com", "https://example.com/", True),
        ("example.com", "https://a.b.example.com/", True),
        ("example.com", "https://notexample.com/", False),
        ("EXAMPLE.com", "https://Example.COM/", True),
        (".example.com", "https://a.example.com/", True),
        (".example.com", "https://example.com/", False),
        ("*.example.com", "https://a.example.com/", True),
        ("*.example.com", "https://example.com/", False),
        ("example.com:443", "https://example.com/", True),
        ("example.com:444", "https://example.com/", False),
        ("example.com:5000", "https://a.example.com:5000/", True),
        ("other, example.com ,", "https://example.com/", True),
        ("", "https://example.com/", False),
        (",,", "https://example.com/", False),
        ("*", "https://example.com/", True),
        ("a,*", "https://example.com/", True),
        ("10.0.0.0/8", "https://10.1.2.3/", True),
        ("10.0.0.0/8", "https://11.1.2.3/", False),
        ("10.1.2.3/8", "https://10.9.9.9/", True),
        ("10.0.0.0/8", "https://ten.example.com/", False),
        ("10.1.2.3", "https://10.1.2.3:5000/", True),
        ("10.1.2.3:5000", "https://10.1.2.3:5000/", True),
        ("10.1.2.3:5001", "https://10.1.2.3:5000/", False),
        ("1.2.3", "https://0.1.2.3/", False),
        ("2.3", "https://10.1.2.3/", False),
        ("fd00::/8", "https://[fd12::1]/", True),
        ("fd00::/8", "https://10.1.2.3/", False),
        ("[fd12::1]", "https://[fd12:0::1]/", True),
        ("[fd12::1]:5000", "https://[fd12::1]/", False),
        ("fd12::1", "https://[fd12::1]/", True),
        ("nonsense/99", "https://example.com/", False),
        ("", "https://localhost:5000/", True),
        ("", "https://localhost./", True),
        ("", "https://127.0.0.1/", True),
        ("", "https://127.9.9.9/", True),
        ("", "https://[::1]/", True),
        ("", "https://localhost.example.com/", False),
    ],
)
def test_exceptions_mean_what_go_means(no_proxy: str, url: str, excepted: bool) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        found = via(url, HTTPS_PROXY="http://p:1", **{name: no_proxy})
        assert (found is None) == excepted


@pytest.mark.parametrize(
    "value", ["socks5://me:hush@p:1", "socks5h://p", "ftp://me:hush@p", "http://", "http://p:hush"]
)
def test_what_is_no_proxy_is_said_without_its_password(value: str) -> None:
    asking = client(environment={"HTTPS_PROXY": value})
    with pytest.raises(UnreachableError, match="HTTPS_PROXY") as caught:
        asking.get("https://registry.example/", limit=9)
    assert "hush" not in str(caught.value)
    assert ("SOCKS" in str(caught.value)) == value.startswith("socks")


def connecting(port: int) -> Answering:
    """A proxy that makes tunnels, always to `port` here, for who has the password."""

    def respond(request: Request, sock: socket.socket) -> None:
        if request.headers.get("proxy-authorization") != BASIC:
            sock.sendall(answer(b"", 407, Proxy_Authenticate="Basic"))
            return
        with socket.create_connection(("127.0.0.1", port)) as there:
            sock.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=pump, args=(there, sock))
            back.start()
            pump(sock, there)
            back.join()

    return respond


def pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("secure_proxy", [True, False])
def test_https_goes_through_a_tunnel(secure_proxy: bool, authority: Authority, tls: Tls) -> None:
    with (
        Server(saying(answer(b"abc")), tls=tls) as server,
        Server(connecting(server.port), tls=tls if secure_proxy else None) as proxy,
    ):
        environment = {"HTTPS_PROXY": proxy.url.replace("://", "://me:hu%3Ash@")}
        with client(options(ca_file=authority.certificate), environment=environment) as asking:
            for _ in range(3):
                got = asking.get(
                    "https://registry.example:5000/v2/?a=hush",
                    limit=9,
                    authorization=Secret("Bearer inner"),
                )
                assert got.body == b"abc"
    [tunnel] = proxy.requests
    assert (tunnel.method, tunnel.target) == ("CONNECT", "registry.example:5000")
    assert tunnel.headers["proxy-authorization"] == BASIC
    assert "authorization" not in tunnel.headers
    assert {request.target for request in server.requests} == {"/v2/?a=hush"}
    assert {request.headers["host"] for request in server.requests} == {"registry.example:5000"}
    assert not any("proxy-authorization" in request.headers for request in server.requests)


def test_the_servers_certificate_is_still_looked_at(authority: Authority, tls: Tls) -> None:
    with Server(saying(answer()), tls=tls) as server, Server(connecting(server.port)) as proxy:
        environment = {"HTTPS_PROXY": f"me:hu%3Ash@{proxy.host}"}
        with (
            client(options(ca_file=authority.certificate), environment=environment) as asking,
            pytest.raises(RequestError, match=r"not for other\.example"),
        ):
            asking.get("https://other.example/", limit=9)
    assert server.requests == []


@pytest.mark.parametrize("secure_proxy", [True, False])
def test_plain_http_is_handed_to_the_proxy(
    secure_proxy: bool, authority: Authority, tls: Tls
) -> None:
    with Server(saying(answer(b"abc")), tls=tls if secure_proxy else None) as proxy:
        given = options(plain_http=frozenset({"registry.example"}), ca_file=authority.certificate)
        environment = {"http_proxy": proxy.url.replace("://", "://me:hu%3Ash@")}
        with client(given, environment=environment) as asking:
            got = asking.get("http://registry.example/v2/?a=1", limit=9)
    assert (got.url, got.body) == ("http://registry.example/v2/", b"abc")
    [request] = proxy.requests
    assert request.target == "http://registry.example/v2/?a=1"
    assert request.headers["host"] == "registry.example"
    assert request.headers["proxy-authorization"] == BASIC


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses_us_is_named_without_its_password(scheme: str) -> None:
    with Server(saying(answer(b"", 407))) as proxy:
        environment = {"ALL_PROXY": f"http://me:hush@{proxy.host}"}
        given = options(plain_http=frozenset({"registry.example"}))
        with (
            client(given, environment=environment) as asking,
            pytest.raises(RequestError) as caught,
        ):
            asking.get(f"{scheme}://registry.example/", limit=9)
    assert f"the proxy {proxy.host}: " in str(caught.value)
    assert "407" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_proxy_that_is_not_there() -> None:
    with listening() as free:
        port = free.getsockname()[1]
    environment = {"HTTPS_PROXY": f"http://127.0.0.1:{port}"}
    with pytest.raises(RequestError, match=f"the proxy 127.0.0.1:{port}: the connection was refu"):
        client(environment=environment).get("https://registry.example/", limit=9)
