"""Certificates made by openssl for one run of the tests."""

from __future__ import annotations

import ssl
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from pathlib import Path

NAMES = "subjectAltName=DNS:localhost,DNS:registry.example,IP:127.0.0.1,IP:127.0.0.2"


class Authority:
    """A certificate authority in a directory, and what it signed."""

    def __init__(self, directory: Path, name: str) -> None:
        self._directory = directory
        self.name = name
        self.certificate = directory / f"{name}.pem"
        self._key = directory / f"{name}.key"
        openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", "2", "-subj", f"/CN={name}", "-keyout", self._key, "-out", self.certificate),
        )

    def sign(self, name: str, names: str = NAMES, *, days: int = 2) -> tuple[Path, Path]:
        """A certificate and its key; of yesterday with `days` of -1."""
        stem = self._directory / f"{self.name}-{name}"
        request, key, certificate = (stem.with_suffix(end) for end in (".csr", ".key", ".pem"))
        extensions = stem.with_suffix(".ext")
        extensions.write_text(f"{names}\n")
        openssl(
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-subj", f"/CN={name}", "-keyout", key, "-out", request),
        )
        openssl(
            *("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key),
            *("-CAcreateserial", "-days", str(days), "-extfile", extensions, "-out", certificate),
        )
        return certificate, key


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)


class Tls:
    """A server's side of TLS, for `Server(tls=...)`."""

    def __init__(self, pair: tuple[Path, Path], *, clients_of: Authority | None = None) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*pair)
        if clients_of is not None:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(clients_of.certificate)

    def __call__(self, sock: socket.socket) -> socket.socket:
        return self.context.wrap_socket(sock, server_side=True)
