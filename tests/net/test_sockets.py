"""Engines over unix sockets."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from lightship.net.client import Client
from lightship.net.errors import RequestError, StatusError
from net.serving import (
    MOMENT,
    Request,
    Server,
    answer,
    options,
    redirect,
    saying,
    saying_once,
)

if TYPE_CHECKING:
    from pathlib import Path

CHUNKED = {"Transfer-Encoding": "chunked"}


def unix(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(16)
    return listener


class Engine(Server):
    """A server behind a unix socket."""

    def __init__(self, path: Path, answering: object) -> None:
        super().__init__(answering, listener=unix(path))  # type: ignore[arg-type]


def engine_client(path: Path | str, **changes: object) -> Client:
    return Client.over_socket(str(path), options(**changes))


def test_an_engine_is_asked_whatever_the_host_and_though_offline(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    with (
        Engine(path, saying(answer(b"{}"))) as engine,
        engine_client(path, offline=True, plain_http=frozenset()) as asking,
    ):
        assert asking.base_url("engine") == "http://engine"
        got = asking.get("http://engine/v1.41/images/json?all=1", limit=9)
        asking.get("http://engine/_ping", limit=9)
    assert (got.status, got.body) == (200, b"{}")
    assert got.url == f"/v1.41/images/json of {path}"
    assert [r.target for r in engine.requests] == ["/v1.41/images/json?all=1", "/_ping"]
    assert engine.requests[0].headers["host"] == "engine"


def test_a_stream_of_unknown_length(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    body = b"".join(b"%x\r\n%b\r\n" % (len(c), c) for c in (b"abc", bytes(100_000), b"d"))
    said = answer(body + b"0\r\n\r\n", length=None, named=CHUNKED)
    with Engine(path, saying(said)) as engine, engine_client(path) as asking:
        for _ in range(2):
            with asking.open("http://engine/save", expected_bytes=None) as stream:
                assert stream.read() == b"abc" + bytes(100_000) + b"d"
    assert engine.connections == 1


@pytest.mark.parametrize("cut", [1, 3, 4, 7, 10, 11, 14])
def test_an_engine_that_dies_in_mid_stream_is_an_error(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    body = b"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"
    said = answer(body[:cut], length=None, named=CHUNKED)
    with (
        Engine(path, saying_once(said)) as engine,
        engine_client(path) as asking,
        asking.open("http://engine/save", expected_bytes=None) as stream,
        pytest.raises(RequestError, match=f"^/save of {path}: the server broke off"),
    ):
        stream.read()
    assert len(engine.requests) == 1


def test_an_engine_that_stalls_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"

    def stall(_: Request, sock: socket.socket) -> None:
        sock.sendall(answer(b"3\r\nabc\r\n", length=None, named=CHUNKED))
        sock.recv(1)

    with (
        Engine(path, stall),
        engine_client(path, stall_seconds=MOMENT) as asking,
        asking.open("http://engine/save", expected_bytes=None) as stream,
    ):
        assert stream.read(3) == b"abc"
        with pytest.raises(RequestError, match=r"sent nothing for 0\.3 s"):
            stream.read(1)


def test_nothing_is_asked_twice_and_no_redirect_followed(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    with (
        Engine(path, saying(answer(b"", 503), redirect("/on"), redirect("/on"))) as engine,
        engine_client(path) as asking,
    ):
        assert asking.get("http://engine/a", limit=9).status == 503
        assert asking.get("http://engine/b", limit=9).status == 307
        with pytest.raises(StatusError, match="answers 307"):
            asking.open("http://engine/c", expected_bytes=None)
    assert len(engine.requests) == 3


def test_an_error_of_the_engine_is_quoted(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    said = answer(b'{"message":"No such image: a"}', 404, Content_Type="application/json")
    with (
        Engine(path, saying(said)),
        engine_client(path) as asking,
        pytest.raises(StatusError, match="answers 404: No such image: a"),
    ):
        asking.open("http://engine/save", expected_bytes=None)


def why(path: Path | str) -> str:
    with engine_client(path, connect_seconds=0.2) as asking, pytest.raises(RequestError) as caught:
        asking.get("http://engine/_ping", limit=9)
    assert str(caught.value).startswith(f"/_ping of {path}: ")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_no_such_socket(tmp_path: Path) -> None:
    assert "there is no such socket" in why(tmp_path / "engine.sock")


def test_a_socket_that_nobody_listens_at(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    unix(path).close()
    assert "nobody listens at the socket" in why(path)
    file = tmp_path / "file"
    file.write_text("no socket")
    assert "nobody listens at the socket" in why(file)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open every socket")
def test_a_socket_that_is_not_for_us(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    with unix(path):
        path.chmod(0)
        assert "permission denied" in why(path)


def test_a_path_that_is_too_long() -> None:
    assert "too long" in why(f"/{'a' * 200}")


def test_an_engine_that_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(0)
    with listener, socket.socket(socket.AF_UNIX) as other:
        other.connect(str(path))
        assert "does not answer" in why(path)
