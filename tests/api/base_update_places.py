"""Where `base update` asks in its tests: images for several platforms, and a server of dates."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager, suppress
from datetime import date
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lightship.api.base_updating import UpdateTerms, base_update
from lightship.net.options import NetOptions
from lightship.testing import build_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from lightship.model.results.base_update import BaseUpdateResult

TODAY, TOMORROW = date(2026, 11, 25), date(2026, 11, 26)
PYTHON, DEBIAN = "python:3.13-slim", "debian:13-slim"
NOWHERE = ("docker.io=127.0.0.1:1",)
THIRTEEN = {
    "name": "13", "isEol": False, "eolFrom": "2028-08-10", "eoesFrom": "2030-06-30",
    "latest": {"name": "13.7", "date": "2026-11-14", "link": None},
}  # fmt: skip
INDEX = "application/vnd.oci.image.index.v1+json"


def several(folder: Path, images: Mapping[str, tuple[Any, Mapping[str, object]]]) -> str:
    """An OCI layout with one index; `images` gives layers and config members by platform."""
    folder.mkdir(parents=True)
    home = folder / "index"
    blobs = home / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    entries = []
    for platform, (layers, config) in images.items():
        reference = build_image(layers, directory=folder, platform=platform, config=config)
        one = Path(reference.removeprefix("oci:"))
        if ":" in one.name:
            one = one.with_name(one.name.partition(":")[0])
        for blob in (one / "blobs" / "sha256").iterdir():
            (blobs / blob.name).write_bytes(blob.read_bytes())
        (entry,) = json.loads((one / "index.json").read_bytes())["manifests"]
        entry.pop("annotations", None)
        names = ("os", "architecture", "variant")
        entry["platform"] = dict(zip(names, platform.split("/"), strict=False))
        entries.append(entry)
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()
    name = sha256(index).hexdigest()
    (blobs / name).write_bytes(index)
    top = {"mediaType": INDEX, "digest": f"sha256:{name}", "size": len(index)}
    (home / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [top]}))
    (home / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    return f"oci:{home}"


class Web:
    """A web server on loopback that answers as the tests say, and remembers what it was asked.

    Attributes:
        answers: by path, what writes the answer.
        asked: the paths, oldest first, each with the entity tag that was sent.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], object]] = {}
        self.asked: list[tuple[str, str | None]] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                web.asked.append((self.path, self.headers.get("if-none-match")))
                answer = web.answers.get(self.path, status(404))
                with suppress(ConnectionError):  # who has had enough hangs up
                    answer(self)
                self.close_connection = True

            do_HEAD = do_GET  # noqa: N815 # the standard library's name

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}/api/v1"

    @contextmanager
    def running(self) -> Iterator[Web]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def product(self, page: str, answer: Callable[[BaseHTTPRequestHandler], object]) -> None:
        """What is answered about a product."""
        self.answers[f"/api/v1/products/{page}/"] = answer


def body(
    data: bytes, kind: str = "application/json", headers: Mapping[str, str] | None = None
) -> Callable[[BaseHTTPRequestHandler], object]:
    """An answer with a body; with an ETag, 304 to who sends that."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        tag = (headers or {}).get("ETag")
        if tag and handler.headers.get("if-none-match") == tag:
            handler.send_response(304)
            handler.end_headers()
            return
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(data)

    return answer


def status(code: int, **headers: str) -> Callable[[BaseHTTPRequestHandler], object]:
    """An answer without a body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Length", "0")
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()

    return answer


def cut(data: bytes) -> Callable[[BaseHTTPRequestHandler], object]:
    """An answer that breaks off before its announced end."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data) + 100))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def dates(*releases: Mapping[str, object]) -> bytes:
    """An answer of endoflife.date's API v1, as far as it matters, with more around it."""
    full = [
        {"label": one["name"], "isLts": False, "isMaintained": True, "custom": None, **one}
        for one in releases
    ]
    document = {"schema_version": "1.2.0", "result": {"name": "x", "releases": full}}
    return json.dumps(document).encode()


def states(result: BaseUpdateResult) -> dict[str, str]:
    return {x.name: x.state for x in (*result.bases, *result.products)}


def ask_dates(web: Web, data: Path, today: date = TODAY, **terms: Any) -> BaseUpdateResult:
    """Only dates: of the catalogue's bases none may be asked for."""
    given: dict[str, Any] = {"dates": web.url, "pause_seconds": 0.0, "mirrors": NOWHERE}
    return base_update(
        (DEBIAN,),
        data=data,
        terms=UpdateTerms(**(given | terms)),
        today=today,
        network=NetOptions(attempts=2, plain_http=frozenset((web.host,)), patience_seconds=5),
    )
