"""A registry that serves one OCI layout under every name, to those who know the password."""

from __future__ import annotations

import base64
import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WANTED = re.compile(r"/v2/(?P<name>.+)/(?P<kind>manifests|blobs)/(?P<reference>[^/]+)")


class Registry(ThreadingHTTPServer):
    """On the loopback, at a port of its own; remembers who asked for what."""

    def __init__(self, layout: Path, user: str, password: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.blobs = layout / "blobs" / "sha256"
        (self.top,) = json.loads((layout / "index.json").read_text())["manifests"]
        secret = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.authorization = f"Basic {secret}"
        self.asked: list[str] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Registry

    def do_GET(self) -> None:
        if self.headers.get("Authorization") != self.server.authorization:
            self._send(401, b"{}", {"WWW-Authenticate": 'Basic realm="shop"'})
            return
        wanted = _WANTED.fullmatch(self.path)
        if wanted is None:
            self._send(200 if self.path == "/v2/" else 404, b"{}", {})
            return
        self.server.asked.append(f"{wanted['name']} {wanted['kind']} {wanted['reference']}")
        digest = wanted["reference"]
        if not digest.startswith("sha256:"):
            digest = self.server.top["digest"]
        blob = (self.server.blobs / digest.removeprefix("sha256:")).read_bytes()
        kind = "application/octet-stream"
        if wanted["kind"] == "manifests":
            kind = json.loads(blob)["mediaType"]
        self._send(200, blob, {"Content-Type": kind, "Docker-Content-Digest": digest})

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        del format, args


@contextmanager
def serving(layout: Path, user: str, password: str) -> Iterator[Registry]:
    """Serve a layout meanwhile."""
    with Registry(layout, user, password) as registry:
        thread = threading.Thread(target=registry.serve_forever)
        thread.start()
        try:
            yield registry
        finally:
            registry.shutdown()
            thread.join()
