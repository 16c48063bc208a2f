"""A registry on loopback that answers whatever it is told to, and remembers who asked."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from lightship.testing import layer_tar

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

OCI = "application/vnd.oci.image"
MANIFEST = f"{OCI}.manifest.v1+json"
INDEX = f"{OCI}.index.v1+json"
CONFIG = f"{OCI}.config.v1+json"
LAYER = f"{OCI}.layer.v1.tar+gzip"


@dataclass(frozen=True)
class Seen:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: str = ""

    @property
    def text(self) -> str:
        """All of it, to look for what should not be there."""
        return json.dumps([self.path, self.headers, self.body])


@dataclass(frozen=True)
class Answer:
    """What is sent.

    Attributes:
        length: what Content-Length says; None for the truth, -1 for none at all (chunked).
        cut: after so many bytes of the body the connection is closed.
        stall: after so many bytes of the body nothing more is sent.
        endless: the body is repeated until nobody listens.
        ranges: whether a Range is heeded.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    cut: int | None = None
    stall: int | None = None
    endless: bool = False
    ranges: bool = False


Page: TypeAlias = "Answer | Callable[[Seen], Answer]"


@dataclass
class BadServer:
    """Pages by path; what it knows no page for is 404."""

    host: str
    scheme: str
    pages: dict[str, Page] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}"

    def reference(self, name: str = "a/b:1") -> str:
        return f"registry:{self.host}/{name}"

    def asked(self, part: str = "") -> list[str]:
        """The paths that were asked for, those with `part` in them."""
        return [one.path for one in self.seen if part in one.path]

    def answer(self, seen: Seen) -> Answer:
        self.seen.append(seen)
        page = self.pages.get(urlsplit(seen.path).path, Answer(404))
        return page if isinstance(page, Answer) else page(seen)


@contextmanager
def bad_server(
    *, name: str = "127.0.0.1", context: ssl.SSLContext | None = None
) -> Iterator[BadServer]:
    """Let a server answer on loopback, until the end of the block."""
    over = Event()
    lock = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 20

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            path = self.path
            seen = Seen(self.command, path, dict(self.headers.items()), body.decode())
            with lock:
                answer = bad.answer(seen)
            try:
                self._send(ranged(answer, seen))
            except OSError:
                self.close_connection = True

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for header, value in answer.headers.items():
                self.send_header(header, value)
            if answer.length is None:
                self.send_header("Content-Length", str(len(answer.body)))
            elif answer.length >= 0:
                self.send_header("Content-Length", str(answer.length))
            else:
                self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            whole = answer.cut is None and answer.stall is None
            end = None if whole else (answer.cut or answer.stall or 0)
            self._write(answer, answer.body[:end])
            while answer.endless and not over.is_set():
                self._write(answer, answer.body)
            if whole and answer.length == -1:
                self.wfile.write(b"0\r\n\r\n")
            self.wfile.flush()
            if answer.stall is not None:
                over.wait(60)
            self.close_connection |= not whole or answer.length is not None

        def _write(self, answer: Answer, data: bytes) -> None:
            if answer.length == -1:
                data = b"%x\r\n%s\r\n" % (len(data), data) if data else b""
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True  # one may wait for the next request of an idle connection
        block_on_close = False

        def handle_error(self, *_: Any) -> None:
            pass  # who hung up is no news here

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    bad = BadServer(f"{name}:{server.server_port}", "https" if context else "http")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield bad
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def ranged(answer: Answer, seen: Seen) -> Answer:
    """The part of a body that was asked for."""
    asked = re.fullmatch(r"bytes=([0-9]+)-", seen.headers.get("Range", ""))
    if not answer.ranges or asked is None:
        return answer
    start, total = int(asked[1]), len(answer.body)
    said = {"Content-Range": f"bytes {start}-{total - 1}/{total}"}
    return replace(answer, status=206, body=answer.body[start:], headers={**answer.headers, **said})


def sha(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def described(data: bytes, media_type: str, **more: Any) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": sha(data), "size": len(data), **more}


@dataclass
class Served:
    """An honest image, whose documents may then be changed before they are put up.

    Attributes:
        layers: the stored blobs.
    """

    layers: list[bytes]
    config: dict[str, Any]
    manifest: dict[str, Any]

    @classmethod
    def of(cls, *contents: dict[str, Any]) -> Served:
        tars = [layer_tar(content) for content in contents or ({"a": b"x" * 2000},)]
        blobs = [gzip.compress(tar, mtime=0) for tar in tars]
        config = {
            "os": "linux",
            "architecture": "amd64",
            "rootfs": {"type": "layers", "diff_ids": [sha(tar) for tar in tars]},
        }
        data = json.dumps(config).encode()
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": described(data, CONFIG),
            "layers": [described(blob, LAYER) for blob in blobs],
        }
        return cls(blobs, config, manifest)

    def put_up(self, server: BadServer, name: str = "a/b", tag: str = "1") -> str:
        """Serve it under a tag and its digest; returns the digest of the manifest."""
        config = json.dumps(self.config).encode()
        for data in (config, *self.layers):
            server.pages[f"/v2/{name}/blobs/{sha(data)}"] = Answer(body=data)
        return put_up(server, self.manifest, MANIFEST, name, tag)


def put_up(
    server: BadServer, document: Any, media_type: str, name: str = "a/b", tag: str = "1"
) -> str:
    """Serve a document as a manifest, under a tag and its digest, which is returned."""
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    page = Answer(body=data, headers={"Content-Type": media_type})
    for selector in (tag, sha(data)):
        server.pages[f"/v2/{name}/manifests/{selector}"] = page
    return sha(data)
