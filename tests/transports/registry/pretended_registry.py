"""A registry in memory that does what a real one cannot be made to do.

It follows the OCI distribution specification where no knob says otherwise.
"""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE = 1 << 16


@dataclass(frozen=True)
class Asked:
    """One request; header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]

    @property
    def is_upload(self) -> bool:
        return "/blobs/uploads/" in self.path and self.method in ("PATCH", "PUT")


@dataclass(frozen=True)
class Reply:
    """An answer; `drains` if the body is read before it."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    drains: bool = True

    @classmethod
    def error(cls, status: int, code: str, message: str = "", **headers: str) -> Reply:
        body = json.dumps({"errors": [{"code": code, "message": message}]}).encode()
        return cls(status, {"Content-Type": "application/json", **headers}, body)


@dataclass
class Pretended:
    """What it holds, what it was asked, and how it behaves.

    Attributes:
        received: bytes of upload bodies that were read.
        cuts: for each upload body in turn, after how many bytes the connection breaks.
        keeps: whether what came before such a break stays.
        loses_answers: of so many uploads the answer never comes, though they are done.
        uploads_at: the origin in Locations; empty for none, so that they are relative.
        first: looks at each request before it is answered.
    """

    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    sessions: dict[str, bytearray] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    received: int = 0
    cuts: list[int] = field(default_factory=list)
    keeps: bool = True
    loses_answers: int = 0
    chunk_bytes: int = 0
    uploads_at: str = ""
    first: Callable[[Asked], Reply | None] = lambda _: None
    host: str = ""
    lock: Any = field(default_factory=Lock)

    @property
    def methods(self) -> list[str]:
        return [one.method for one in self.asked]

    def location(self, name: str) -> dict[str, str]:
        place = f"{self.uploads_at}/v2/a/b/blobs/uploads/{name}?_state={len(self.asked)}"
        got = len(self.sessions[name])
        return {"Location": place, "Range": f"0-{max(0, got - 1)}"}

    def answer(self, asked: Asked, name: str) -> Reply:
        """To a request whose body has been read."""
        if "/manifests/" in asked.path:
            return self._manifest(asked, name)
        if asked.method == "HEAD":
            found = self.blobs.get(name)
            return Reply(404) if found is None else Reply(200, {"Content-Length": str(len(found))})
        if asked.method == "GET" and name.startswith("sha256:"):
            return Reply(200, body=self.blobs[name]) if name in self.blobs else Reply(404)
        if asked.method == "POST":
            with self.lock:
                session = f"s{len(self.sessions)}"
                self.sessions[session] = bytearray()
            least = {"OCI-Chunk-Min-Length": str(self.chunk_bytes)} if self.chunk_bytes else {}
            return Reply(202, {**self.location(session), **least})
        if name not in self.sessions:
            return Reply.error(404, "BLOB_UPLOAD_UNKNOWN")
        if asked.method == "PATCH":
            return Reply(202, self.location(name))
        if asked.method == "GET":
            return Reply(204, self.location(name))
        data = bytes(self.sessions.pop(name))
        if asked.method == "PUT":
            digest = f"sha256:{sha256(data).hexdigest()}"
            if digest != asked.query["digest"]:
                return Reply.error(400, "DIGEST_INVALID", "provided digest did not match")
            self.blobs[digest] = data
            return Reply(201, {"Docker-Content-Digest": digest})
        return Reply(204)

    def _manifest(self, asked: Asked, name: str) -> Reply:
        if asked.method == "PUT":
            data = bytes(self.sessions.pop("manifest"))
            digest = f"sha256:{sha256(data).hexdigest()}"
            self.manifests[digest] = self.manifests[name] = asked.headers["content-type"], data
            return Reply(201, {"Docker-Content-Digest": digest})
        if name not in self.manifests:
            return Reply.error(404, "MANIFEST_UNKNOWN", "manifest unknown")
        kind, data = self.manifests[name]
        return Reply(200, {"Content-Type": kind}, data)


class Quiet(ThreadingHTTPServer):
    """Connections that break are what is tested."""

    daemon_threads = True

    def handle_error(self, *_: Any) -> None: ...


@contextmanager
def pretending(one: Pretended | None = None, address: str = "127.0.0.1") -> Iterator[Pretended]:
    """Let a registry answer on loopback."""
    registry = one or Pretended()

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _any(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            headers = {key.lower(): value for key, value in self.headers.items()}
            asked = Asked(self.command, parts.path, query, headers)
            registry.asked.append(asked)
            length = int(headers.get("content-length", "0"))
            reply = registry.first(asked)
            name = parts.path.rpartition("/")[2]
            if reply is not None:
                if reply.drains:
                    self.rfile.read(length)
                else:
                    self.close_connection = True
            elif self._taken(asked, name, length):
                reply = registry.answer(asked, name)
            if reply is None or (asked.is_upload and self._is_lost()):
                self.close_connection = True
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(reply.status)
            for key, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        def _taken(self, asked: Asked, name: str, length: int) -> bool:
            """Read a body; False where the connection is to break."""
            whole = length
            if asked.is_upload and registry.cuts:
                length = min(length, registry.cuts.pop(0))
            into = registry.sessions.get(name, bytearray()) if asked.is_upload else bytearray()
            before = len(into)
            while length and (piece := self.rfile.read(min(length, PIECE))):
                into += piece
                length -= len(piece)
                registry.received += len(piece) if asked.is_upload else 0
            if "/manifests/" in asked.path:
                registry.sessions["manifest"] = into
            complete = len(into) - before == whole
            if not complete and not registry.keeps:
                registry.sessions.pop(name, None)
            return complete

        def _is_lost(self) -> bool:
            with registry.lock:
                registry.loses_answers -= 1
                return registry.loses_answers >= 0

        def log_message(self, *_: Any) -> None:
            pass

    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Answers, f"do_{method}", Answers._any)
    server = Quiet((address, 0), Answers)
    registry.host = f"{address}:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
