"""Between lightship and a real registry: breaks, refuses and hangs, and keeps what was asked."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE = 1 << 16
TROUBLES = (
    "401",
    "404",
    "429",
    "500",
    "cut before",
    "cut within",
    "cut after",
    "hang",
    "hang after",
)
"""What can be done to a request: a number is answered without asking the registry."""


@dataclass(frozen=True)
class Passed:
    """One request, its body's length, and what the registry answered; 0 where nothing came back."""

    method: str
    path: str
    body_bytes: int
    status: int


@dataclass
class Between:
    """An HTTP relay to the plain registry at `port`.

    Attributes:
        trouble: decides for each request, by its number from 0, what is done to it; "" for nothing.
        most_bytes: of a request's body, as proxies limit it.
        passed: every request so far.
        broken: manifests that were put while a blob that they name was not there.
    """

    port: int
    trouble: Callable[[int], str] = lambda _: ""
    most_bytes: int = 1 << 62
    passed: list[Passed] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    host: str = ""
    number: int = 0
    lock: Any = field(default_factory=threading.Lock)

    def upstream(self, method: str, path: str) -> tuple[int, bytes]:
        """Ask the registry itself."""
        connection = HTTPConnection("localhost", self.port, timeout=30)
        kinds = "application/vnd.oci.image.manifest.v1+json,application/vnd.oci.image.index.v1+json"
        try:
            connection.request(method, path, headers={"Accept": kinds})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def judge(self, path: str, body: bytes) -> None:
        """Look whether a manifest names what is there."""
        document = json.loads(body)
        repository = path.partition("/manifests/")[0]
        named = [f"blobs/{one['digest']}" for one in document.get("layers", [])]
        named += [f"blobs/{document['config']['digest']}"] if "config" in document else []
        named += [f"manifests/{one['digest']}" for one in document.get("manifests", [])]
        if any(self.upstream("HEAD", f"{repository}/{one}")[0] != 200 for one in named):
            self.broken.append(path)


@contextmanager
def between(one: Between) -> Iterator[Between]:
    """Let it stand there until the end of the block."""

    class Relay(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def any(self) -> None:
            with one.lock:
                trouble = one.trouble(one.number)
                one.number += 1
            length = int(self.headers.get("Content-Length", "0"))
            if length > one.most_bytes:
                trouble = "413"
            status = self._passed(trouble, length)
            one.passed.append(Passed(self.command, self.path, length, status))

        def _passed(self, trouble: str, length: int) -> int:
            if trouble.isdecimal():
                self.rfile.read(length)
                self._say(int(trouble), {}, b"")
                return 0
            if trouble == "cut before":
                return self._break()
            if trouble == "hang":
                return self._hang()
            connection = HTTPConnection("localhost", one.port, timeout=60)
            try:
                return self._asked(connection, trouble, length)
            finally:
                connection.close()

        def _asked(self, connection: HTTPConnection, trouble: str, length: int) -> int:
            sent = length // 2 if trouble == "cut within" else length
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            body = bytearray()
            while sent and (piece := self.rfile.read(min(sent, PIECE))):
                connection.send(piece)
                sent -= len(piece)
                body += piece if "/manifests/" in self.path else b""
            if sent or trouble == "cut within":
                return self._break()
            if self.command == "PUT" and "/manifests/" in self.path:
                one.judge(self.path, bytes(body))
            answer = connection.getresponse()
            data = answer.read()
            if trouble == "cut after":
                return self._break()
            if trouble == "hang after":
                return self._hang()
            headers = {key: value for key, value in answer.getheaders() if key != "Content-Length"}
            if self.command == "HEAD":
                headers["Content-Length"] = answer.getheader("Content-Length", "0")
            self._say(answer.status, headers, data)
            return answer.status

        def _say(self, status: int, headers: dict[str, str], data: bytes) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def _break(self) -> int:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return 0

        def _hang(self) -> int:
            """Until the other end goes."""
            with suppress(OSError):
                while self.connection.recv(PIECE):
                    pass
            return self._break()

        def log_message(self, *_: Any) -> None:
            pass

    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Relay, f"do_{method}", Relay.any)
    server = _Quiet(("127.0.0.1", 0), Relay)
    one.host = f"localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None: ...


@contextmanager
def counting(port: int, sent: Callable[[int], bool]) -> Iterator[str]:
    """A relay of bytes, TLS or not, to the registry at `port`; gives the host to ask instead.

    `sent` is told how many more bytes went to the registry; where it returns True, that connection
    breaks, both ways.
    """
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    listener.settimeout(0.1)
    stop = threading.Event()
    lock = threading.Lock()
    pairs: list[threading.Thread] = []

    def copy(source: socket.socket, target: socket.socket, *, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(PIECE):
                with lock:
                    breaks = counted and sent(len(data))
                if breaks:
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def both_ways(near: socket.socket) -> None:
        with near, socket.create_connection(("localhost", port)) as far:
            back = threading.Thread(target=copy, args=(far, near), kwargs={"counted": False})
            back.start()
            copy(near, far, counted=True)
            back.join()

    def serve() -> None:
        while not stop.is_set():
            with suppress(TimeoutError):
                near, _ = listener.accept()
                pair = threading.Thread(target=both_ways, args=(near,))
                pair.start()
                pairs.append(pair)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"localhost:{listener.getsockname()[1]}"
    finally:
        stop.set()
        thread.join()
        listener.close()
        for pair in pairs:
            pair.join()
