"""No secret in an error, a traceback, a note, a log or a representation."""

from __future__ import annotations

import base64
import logging
import pickle
import traceback
from typing import TYPE_CHECKING

import pytest

from lightship.errors import LightshipError
from lightship.net.answers import Response
from lightship.net.secret import Secret
from net.serving import (
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
)

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from lightship.net.client import Client
    from net.certificates import Authority, Tls

PASSWORD = "-".join(("hUsH", "hush"))  # noqa: FLY002
BASIC = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
FORBIDDEN = (PASSWORD, BASIC, "s1gnature", "t0ken")


def echo(request: Request, sock: socket.socket) -> bool:
    """A server that quotes what it was asked with."""
    said = f"not for {request.headers.get('authorization')} {request.body.decode()}"
    sock.sendall(answer(said.encode(), 403, Content_Type="text/plain"))
    return True


def stall(_: Request, sock: socket.socket) -> None:
    sock.sendall(answer(b"a", length=3))
    sock.recv(1)


ANSWERS: dict[str, Callable[[Request, socket.socket], object]] = {
    "echo": echo,
    "stall": stall,
    "nothing": saying_once(b""),
    "cut": saying_once(answer(b"a", length=3)),
    "garbage": saying_once(b"t0ken\r\n\r\n"),
    "bad header": saying_once(b"HTTP/1.1 200 OK\r\nt0ken s1gnature\r\n\r\n"),
    "bare line": saying_once(b"HTTP/1.1 200 OK\r\nA: b\rt0ken\r\r\n\r\n"),
    "bad length": saying_once(b"HTTP/1.1 200 OK\r\nContent-Length: t0ken\r\n\r\n"),
    "bad chunk": saying_once(answer(b"t0ken\r\n", length=None, Transfer_Encoding="chunked")),
    "both lengths": saying_once(answer(b"0\r\n\r\n", length=9, Transfer_Encoding="chunked")),
    "bad encoding": saying(answer(b"abc", Content_Encoding="t0ken")),
    "401": saying(answer(b'{"token": "t0ken"}', 401, Content_Type="application/json")),
    "500": saying(answer(b"", 500, Retry_After="1")),
    "429": saying(answer(b"", 429, Retry_After="999")),
    "loop": saying(redirect("/?sig=s1gnature")),
    "to password": saying(redirect(f"https://me:{PASSWORD}@127.0.0.1/?s1gnature")),
    "to nowhere": saying(redirect("https://127.0.0.1:1/?sig=s1gnature")),
    "to no URL": saying(redirect(f"https://me:{PASSWORD}@[/?s1gnature")),
    "to another": saying(redirect("http://127.0.0.3:1/?sig=s1gnature")),
    "wrong size": saying(answer(b"abcd")),
    "fine": saying(answer(b"abc")),
}


def everything(asking: Client, url: str) -> None:
    asked = f"{url}/v2/?sig=s1gnature#t0ken"
    secret = Secret(f"Basic {BASIC}")
    wrong = Secret(f"Basic {BASIC}\r\nX: {PASSWORD}")
    asks: list[Callable[[], object]] = [
        lambda: asking.get(asked, limit=2, authorization=secret),
        lambda: asking.get(asked, limit=99, authorization=wrong),
        lambda: asking.get(asked.replace("://", f"://me:{PASSWORD}@"), limit=9),
        lambda: asking.open(asked, expected_bytes=3, authorize=lambda _: secret).read(),
        lambda: asking.open(asked, expected_bytes=None, authorize=lambda _: secret).read(),
        lambda: asking.post_form(asked, {"password": Secret(PASSWORD)}, limit=2),
    ]
    for ask in asks:
        try:
            ask()
        except LightshipError as problem:
            assert_silent(problem)


def assert_silent(problem: BaseException) -> None:
    seen: BaseException | None = problem
    while seen is not None:
        for form in (str(seen), repr(seen), repr(seen.args), repr(vars(seen))):
            assert not any(secret in form for secret in FORBIDDEN), form
        # Also what a traceback would not print: some tools show it all the same.
        seen = seen.__cause__ or seen.__context__
    text = "".join(traceback.format_exception(problem))
    told = [line for line in text.splitlines() if not line.startswith("    ")]
    assert not any(secret in line for line in told for secret in FORBIDDEN), text


@pytest.mark.parametrize("name", ANSWERS)
def test_failures_tell_no_secret(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    notes = Notes()
    given = options(attempts=2, stall_seconds=0.1)
    with Server(ANSWERS[name]) as server, client(given, progress=notes) as asking:
        everything(asking, server.url)
    assert server.requests
    told = caplog.text + "".join(notes.notes)
    assert not any(secret in told for secret in FORBIDDEN), told


@pytest.mark.slow
def test_no_connection_tells_no_secret(
    authority: Authority, tls: Tls, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with listening() as free:
        gone = f"http://127.0.0.1:{free.getsockname()[1]}"
    proxy = gone.replace("://", f"://me:{PASSWORD}@")
    with Server(saying(answer()), tls=tls) as server, Server(saying(answer(b"", 407))) as refusing:
        for asking, url in (
            (client(), gone),
            (client(), server.url),
            (client(), f"http://{server.host}"),
            (client(options(attempts=1)), f"https://{refusing.host}"),
            (client(environment={"ALL_PROXY": proxy}), "https://registry.example"),
            (
                client(environment={"ALL_PROXY": refusing.url.replace("//", f"//me:{PASSWORD}@")}),
                "https://registry.example",
            ),
            (client(options(ca_file=authority.certificate)), "https://[fe80::1%nosuch]"),
            (client(options(offline=True)), server.url),
            (client(), "http://registry.example"),
        ):
            with asking:
                everything(asking, url)
    assert not any(secret in caplog.text for secret in FORBIDDEN), caplog.text


def test_representations_tell_no_secret() -> None:
    secret = Secret(PASSWORD)
    response = Response("u", 200, {"x-token": PASSWORD}, PASSWORD.encode())
    for shown in (repr(secret), str(secret), f"{secret}", repr(response), str(response)):
        assert PASSWORD not in shown
    with pytest.raises(TypeError):
        pickle.dumps(secret)
