"""A real registry on this machine, for as long as it is needed."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START_SECONDS = 30
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {storage}}}, delete: {{enabled: true}}}}
http: {{addr: "{host}"}}
"""


@dataclass(frozen=True)
class Registry:
    """A registry that speaks plain HTTP on loopback; ``host`` is ``127.0.0.1:PORT``."""

    host: str

    def push(self, layout: Path, name: str) -> None:
        """Copy the image of an OCI layout into the registry, its blobs unchanged."""
        target = f"docker://{self.host}/{name}"
        options = ["--insecure-policy", "copy", "-q", "--preserve-digests"]
        options.append("--dest-tls-verify=false")
        subprocess.run(["skopeo", *options, f"oci:{layout}:1", target], check=True)

    def blob_urls(self, repository: str, tag: str) -> list[str]:
        """Return the addresses of the config and of every distinct layer."""
        base = f"http://{self.host}/v2/{repository}"
        asked = urllib.request.Request(  # noqa: S310 # our own server
            f"{base}/manifests/{tag}", headers={"Accept": _MANIFEST}
        )
        with urllib.request.urlopen(asked) as answer:  # noqa: S310 # likewise
            manifest: dict[str, Any] = json.load(answer)
        digests = [manifest["config"]["digest"], *(one["digest"] for one in manifest["layers"])]
        return [f"{base}/blobs/{digest}" for digest in dict.fromkeys(digests)]


@contextmanager
def registry(folder: Path) -> Iterator[Registry | None]:
    """Run Debian's docker-registry over a folder; None where it is not installed."""
    program = shutil.which("docker-registry")
    if program is None:
        yield None
        return
    folder.mkdir(parents=True, exist_ok=True)
    host = f"127.0.0.1:{_free_port()}"
    config = folder / "config.yml"
    config.write_text(_CONFIG.format(storage=folder / "storage", host=host))
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen([program, "serve", str(config)], stdout=log, stderr=log)
        try:
            _wait(host, server)
            yield Registry(host)
        finally:
            server.terminate()
            server.wait(START_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(host: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    name, _, port = host.partition(":")
    while True:
        try:
            socket.create_connection((name, int(port)), 1).close()
        except OSError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("docker-registry did not start") from error
            time.sleep(0.05)
        else:
            return
