"""Servers on loopback that say exactly the bytes a test wants, and keep what they were asked."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from lightship.net.client import Client
from lightship.net.options import NetOptions

if TYPE_CHECKING:
    from pathlib import Path

MOMENT = 0.3


class Request(Struct, frozen=True):
    """What a server was asked; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def offset(self) -> int:
        """Where a Range begins; 0 without one."""
        return int(self.headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")[0])


Answering = Callable[[Request, socket.socket], object]
"""Answers a request; a true value keeps the connection for the next."""


class Server:
    """One thread per connection; all are over when the context is left.

    Attributes:
        requests: in the order in which they came.
        connections: how many were accepted.
    """

    def __init__(
        self,
        answering: Answering,
        *,
        listener: socket.socket | None = None,
        tls: Callable[[socket.socket], socket.socket] | None = None,
    ) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.scheme = "https" if tls else "http"
        self._answering = answering
        self._wrap = tls or (lambda sock: sock)
        self._listener = listener or listening()
        self.address, self.port = self._listener.getsockname()[:2]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()

    @property
    def host(self) -> str:
        """`address:port`."""
        return f"{self.address}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}"

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(sock)
                self.connections += 1
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        sock = plain
        try:
            sock = self._wrap(plain)
            with self._lock:
                self._open.discard(plain)
                self._open.add(sock)
            with sock.makefile("rb") as stream:
                while (request := _read(stream)) is not None:
                    self.requests.append(request)
                    if not self._answering(request, sock):
                        return
        except (OSError, ValueError):
            pass
        finally:
            with self._lock:
                self._open -= {plain, sock}
            plain.close()
            sock.close()


def listening(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """A socket that connections may come to."""
    return socket.create_server((host, port), backlog=64)


def answer(
    body: bytes = b"",
    status: int = 200,
    *,
    length: int | None = -1,
    named: Mapping[str, str] | None = None,
    **headers: str,
) -> bytes:
    """An answer's bytes; `length` is what Content-Length claims: -1 the truth, None nothing."""
    lines = [f"HTTP/1.1 {status} Whatever"]
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length < 0 else length}")
    headers |= named or {}
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def saying(*answers: bytes) -> Answering:
    """Gives one answer after the other, the last one for ever, over connections that stay."""
    left = list(answers)
    lock = threading.Lock()

    def respond(_: Request, sock: socket.socket) -> bool:
        with lock:
            said = left.pop(0) if len(left) > 1 else left[0]
        sock.sendall(said)
        return True

    return respond


def saying_once(said: bytes) -> Answering:
    """Gives an answer, and closes the connection."""

    def respond(_: Request, sock: socket.socket) -> None:
        sock.sendall(said)

    return respond


def silent(_: Request, sock: socket.socket) -> None:
    """Says nothing until the other end goes."""
    sock.recv(1)


def redirect(location: str, status: int = 307) -> bytes:
    return answer(status=status, Location=location)


class Notes:
    """Progress that keeps its notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def begin(self, what: str, total_bytes: int | None) -> None: ...

    def advance(self, done_bytes: int) -> None: ...

    def end(self) -> None: ...

    def note(self, text: str) -> None:
        self.notes.append(text)


class Naps:
    """Sleeps that take no time."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def options(**changes: object) -> NetOptions:
    """Plain HTTP on loopback, few attempts, and time for a busy machine."""
    given: dict[str, object] = {
        "plain_http": frozenset({"127.0.0.1", "127.0.0.2"}),
        "connect_seconds": 5.0,
        "stall_seconds": 20.0,
        "attempts": 3,
        "patience_seconds": 60.0,
    }
    return NetOptions(**(given | changes))  # type: ignore[arg-type]  # names are the Struct's


def client(
    given: NetOptions | None = None,
    *,
    progress: Notes | None = None,
    environment: Mapping[str, str] | None = None,
    certificates: Iterable[Path] = (),
    naps: Naps | None = None,
) -> Client:
    """A client without the process's proxies and certificates, that never really sleeps."""
    return Client(
        given or options(),
        progress or Notes(),
        environment=environment or {},
        certificates=certificates,
        sleep=naps or Naps(),
    )


def _read(stream: object) -> Request | None:
    readline = stream.readline  # type: ignore[attr-defined]
    first = readline(65537).decode("latin-1").split()
    if len(first) != 3:
        return None
    headers = {}
    while line := readline(65537).decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0")))  # type: ignore[attr-defined]
    return Request(first[0], first[1], headers, body)
