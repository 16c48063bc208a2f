"""A registry for the pages: it answers for `registry.example`, as an HTTP proxy would.

So what a page shows was really asked over HTTP, and no port of this machine stands in it.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "registry.example"


class _Answers(BaseHTTPRequestHandler):
    """Manifests by tag or digest, and blobs by digest; layouts by repository."""

    protocol_version = "HTTP/1.1"
    layouts: dict[str, Path]

    def do_GET(self) -> None:  # http.server's name
        url = urlsplit(self.path)
        repository, _, rest = url.path.removeprefix("/v2/").rpartition("/")
        repository, _, kind = repository.rpartition("/")
        layout = self.layouts.get(repository)
        if url.hostname != HOST or layout is None:
            self._send(404, b'{"errors":[{"code":"NAME_UNKNOWN"}]}', "application/json")
            return
        digest = rest
        if kind == "manifests" and not rest.startswith("sha256:"):
            digest = _tags(layout).get(rest, "")
        file = layout / "blobs" / digest.replace(":", "/")
        if not digest or not file.is_file():
            self._send(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}', "application/json")
            return
        data = file.read_bytes()
        media_type = "application/octet-stream"
        if kind == "manifests":
            media_type = json.loads(data)["mediaType"]
        self._send(200, data, media_type)

    def _send(self, status: int, data: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _tags(layout: Path) -> dict[str, str]:
    index = json.loads((layout / "index.json").read_bytes())
    return {
        entry["annotations"]["org.opencontainers.image.ref.name"]: entry["digest"]
        for entry in index["manifests"]
    }


@contextmanager
def docs_registry(layouts: dict[str, Path]) -> Iterator[dict[str, str]]:
    """Serve layouts by repository; gives the environment in which lightship finds them."""
    handler = type("Answers", (_Answers,), {"layouts": layouts})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield {
            "HTTP_PROXY": f"http://127.0.0.1:{server.server_port}",
            "LIGHTSHIP_PLAIN_HTTP": HOST,
        }
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
