"""An engine that answers as it is told to, on a real unix socket: for what no real engine does."""

from __future__ import annotations

import json
import socketserver
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Answer = bytes | Callable[[BinaryIO], None]

DOCKER = {"Api-Version": "1.41", "Server": "Docker/20.10.24 (linux)"}
NEW_DOCKER = {"Api-Version": "1.52", "Server": "Docker/29.0.0 (linux)"}
PODMAN = {"Api-Version": "1.41", "Libpod-Api-Version": "4.3.1", "Server": "Libpod/4.3.1 (linux)"}
SMALL_PIECE = 1000


class FakeEngine:
    """What is answered to each path, and what was asked for.

    Attributes:
        bodies: what was sent with requests, as far as it was taken.
        takes: how many bytes of a body are taken before it is answered; None for all.
    """

    def __init__(self, socket: str, ping: dict[str, str]) -> None:
        self.socket = socket
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        self.takes: int | None = None
        self.answers: dict[str, Answer] = {"/_ping": answer(b"OK", **ping)}

    def holds(self, prefix: str, name: str, about: object, archive: bytes) -> None:
        """An image, under the routes that begin so."""
        self.answers[f"{prefix}/images/{name}/json"] = answer(about)
        self.answers[f"{prefix}/images/{name}/get"] = chunked(archive)

    @property
    def environment(self) -> dict[str, str]:
        """Leads to this Docker engine and to nothing else."""
        return {"DOCKER_HOST": f"unix://{self.socket}", "HOME": "/nowhere", "PATH": "/nowhere"}

    def respond(self, target: str, out: BinaryIO) -> None:
        self.asked.append(unquote(target))
        path = target.partition("?")[0]
        missing = answer({"message": f"no such image: {path}"}, status="404 Not Found")
        given = self.answers.get(unquote(target), self.answers.get(unquote(path), missing))
        if callable(given):
            given(out)
        else:
            out.write(given)


def answer(body: object, status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer; what is not bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", *(f"{k}: {v}" for k, v in headers.items())]
    lines += [f"Content-Length: {len(content)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + content


def chunked(body: bytes, *, cut_off: bool = False) -> Callable[[BinaryIO], None]:
    """A body as engines send it; `cut_off` leaves out how a chunked body ends."""

    def send(out: BinaryIO) -> None:
        out.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        for start in range(0, len(body), SMALL_PIECE):
            piece = body[start : start + SMALL_PIECE]
            out.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if not cut_off:
            out.write(b"0\r\n\r\n")

    return send


@contextmanager
def fake_engine(ping: dict[str, str] | None = None) -> Iterator[FakeEngine]:
    # A socket's path may have 107 bytes: too few for a path below pytest's own directories.
    with tempfile.TemporaryDirectory(prefix="lightship-") as place:
        engine = FakeEngine(str(Path(place) / "socket"), DOCKER if ping is None else ping)
        server = _Server(engine)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield engine
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = False
    block_on_close = True

    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine
        super().__init__(engine.socket, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is none of our business."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        request = self.rfile.readline().split()
        length = 0
        while line := self.rfile.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        if length:
            takes = self.server.engine.takes
            taken = self.rfile.read(length if takes is None else min(takes, length))
            self.server.engine.bodies.append(taken)
        if len(request) == 3:
            self.server.engine.respond(request[1].decode(), cast("BinaryIO", self.wfile))
