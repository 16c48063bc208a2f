"""Whom the client trusts, who it says it is, and what it says where there is no trust."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from lightship.errors import UnreachableError
from lightship.net.errors import RequestError
from net.certificates import Authority, Tls, openssl
from net.serving import Request, Server, answer, client, options, saying

if TYPE_CHECKING:
    import socket
    from pathlib import Path


def failure(server: Server, host: str = "127.0.0.1", **changes: object) -> str:
    with client(options(**changes)) as asking, pytest.raises(RequestError) as caught:
        asking.get(f"https://{host}:{server.port}/v2/", limit=9)
    assert not server.requests
    return str(caught.value)


def test_an_authority_can_be_named(authority: Authority, tls: Tls) -> None:
    with Server(saying(answer(b"abc")), tls=tls) as server:
        assert "`--ca-file FILE`" in failure(server)
        with client(options(ca_file=authority.certificate)) as asking:
            for host in ("127.0.0.1", "localhost"):
                for _ in range(3):
                    assert asking.get(f"https://{host}:{server.port}/", limit=9).body == b"abc"
    assert server.connections == 3


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_the_systems_authorities_can_be_others(
    variable: str,
    authority: Authority,
    tls: Tls,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copy(authority.certificate, tmp_path / "ours.pem")
    monkeypatch.setenv(variable, str(tmp_path / "ours.pem"))
    if variable == "SSL_CERT_DIR":
        openssl("rehash", tmp_path)
        monkeypatch.setenv(variable, str(tmp_path))
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with Server(saying(answer()), tls=tls) as server, client() as asking:
        assert asking.get(server.url, limit=9).status == 200


def test_a_named_authority_does_not_replace_the_systems(
    authority: Authority, tls: Tls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Authority(tmp_path, "other")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    with (
        Server(saying(answer()), tls=tls) as server,
        client(options(ca_file=other.certificate)) as asking,
    ):
        assert asking.get(server.url, limit=9).status == 200


def test_a_certificate_of_another_name_or_time(authority: Authority) -> None:
    other = Tls(authority.sign("elsewhere", "subjectAltName=DNS:elsewhere.example"))
    with Server(saying(answer()), tls=other) as server:
        words = failure(server, "localhost", ca_file=authority.certificate)
    assert "its certificate is not for localhost" in words
    old = Tls(authority.sign("old", days=-1))
    with Server(saying(answer()), tls=old) as server:
        words = failure(server, ca_file=authority.certificate)
    assert "its certificate has expired" in words


def test_a_common_name_alone_names_nobody(authority: Authority) -> None:
    bare = Tls(authority.sign("localhost", "basicConstraints=CA:FALSE"))
    with Server(saying(answer()), tls=bare) as server:
        words = failure(server, "localhost", ca_file=authority.certificate)
    assert "its certificate is not for localhost" in words


def test_tls_with_a_server_that_speaks_none_names_the_option() -> None:
    def plain(sock: socket.socket) -> socket.socket:
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        return sock

    def gone(sock: socket.socket) -> socket.socket:
        sock.recv(100_000)  # all of it: what is left unread would make the end a reset
        raise OSError

    for wrap, words in ((plain, "does not speak TLS"), (gone, "before there was TLS")):
        with Server(saying(answer()), tls=wrap) as server:
            said = failure(server, plain_http=frozenset())
        assert words in said
        assert f"`--plain-http 127.0.0.1:{server.port}`" in said


def test_tls_that_never_comes_is_given_up() -> None:
    def stall(sock: socket.socket) -> socket.socket:
        while sock.recv(1000):
            pass
        raise OSError

    with Server(saying(answer()), tls=stall) as server:
        assert "no connection within 0.2 s" in failure(server, connect_seconds=0.2)


def test_plain_http_with_a_server_that_speaks_tls(tls: Tls) -> None:
    with (
        Server(saying(answer()), tls=tls) as server,
        client(options(attempts=1)) as asking,
        pytest.raises(RequestError) as caught,
    ):
        asking.get(f"http://{server.host}/", limit=9)
    assert "not HTTP" in str(caught.value) or "broke off" in str(caught.value)


def test_tls_that_is_cut_is_no_end(authority: Authority, tls: Tls) -> None:
    def cut(_: Request, sock: socket.socket) -> None:
        sock.sendall(answer(b"abc", length=4))

    with Server(cut, tls=tls) as server, pytest.raises(RequestError, match="broke off"):
        client(options(ca_file=authority.certificate)).get(server.url, limit=9)


@pytest.mark.parametrize("port", [True, False])
def test_certificates_per_registry(
    port: bool, authority: Authority, tls: Tls, tmp_path: Path
) -> None:
    with Server(saying(answer()), tls=tls) as server:
        place = tmp_path / "certs.d" / (server.host if port else "127.0.0.1")
        place.mkdir(parents=True)
        shutil.copy(authority.certificate, place / "any.crt")
        (place / "read.me").write_text("not a certificate")
        with client(certificates=[tmp_path / "missing", tmp_path / "certs.d"]) as asking:
            if port:
                assert asking.get(server.url, limit=9).status == 200
            else:  # Docker's directory of a bare host is for port 443
                with pytest.raises(RequestError, match="not trusted"):
                    asking.get(server.url, limit=9)
            with pytest.raises(RequestError, match="not trusted"):
                asking.get(f"https://localhost:{server.port}/", limit=9)


def test_a_client_certificate(authority: Authority, tmp_path: Path) -> None:
    theirs = Authority(tmp_path, "theirs")
    certificate, key = theirs.sign("client")
    strict = Tls(authority.sign("strict"), clients_of=theirs)
    with Server(saying(answer()), tls=strict) as server:
        place = tmp_path / server.host
        place.mkdir()
        shutil.copy(authority.certificate, place / "ca.crt")
        with (
            client(options(attempts=1), certificates=[tmp_path]) as asking,
            pytest.raises(RequestError) as caught,
        ):
            asking.get(server.url, limit=9)
        assert "client.cert" in str(caught.value) or "broke off" in str(caught.value)
        shutil.copy(certificate, place / "client.cert")
        with (
            client(certificates=[tmp_path]) as asking,
            pytest.raises(UnreachableError, match=r"client\.cert: No such file"),
        ):
            asking.get(server.url, limit=9)
        shutil.copy(key, place / "client.key")
        with client(certificates=[tmp_path]) as asking:
            assert asking.get(server.url, limit=9).status == 200


@pytest.mark.parametrize("content", [None, "no certificate", ""])
def test_a_certificate_file_that_is_none(content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UnreachableError) as caught:
        client(options(ca_file=file)).get("https://127.0.0.1:1/", limit=9)
    assert str(file) in str(caught.value)


def test_a_client_key_with_a_password_asks_nobody(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.sign("locked")
    place = tmp_path / "127.0.0.1:1"
    place.mkdir()
    shutil.copy(certificate, place / "client.cert")
    openssl("ec", "-in", key, "-aes128", "-passout", "pass:hush", "-out", place / "client.key")
    with pytest.raises(UnreachableError, match=r"client\.cert"):
        client(certificates=[tmp_path]).get("https://127.0.0.1:1/", limit=9)
