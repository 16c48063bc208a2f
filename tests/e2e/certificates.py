"""Certificates of our own: an authority, a server on loopback, and one who signs tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .programs import run

if TYPE_CHECKING:
    from pathlib import Path

_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"
_LEAF = "basicConstraints=critical,CA:FALSE"


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, both PEM."""

    certificate: Path
    key: Path

    def der(self) -> bytes:
        return run("openssl", "x509", "-in", self.certificate, "-outform", "DER")


def authority(folder: Path) -> Pair:
    """One that signs itself."""
    folder.mkdir(parents=True, exist_ok=True)
    pair = Pair(folder / "ca.crt", folder / "ca.key")
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-nodes", "-days", "2", "-subj", "/CN=lightship tests",
        "-addext", "keyUsage=critical,keyCertSign", "-addext", "basicConstraints=critical,CA:TRUE",
        "-keyout", pair.key, "-out", pair.certificate)  # fmt: skip
    return pair


def server(folder: Path, by: Pair, name: str = "server") -> Pair:
    """A server at localhost and 127.0.0.1 whom the authority `by` vouches for."""
    pair = Pair(folder / f"{name}.crt", folder / f"{name}.key")
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", _NAMES, "-addext", _LEAF,
        "-CA", by.certificate, "-CAkey", by.key,
        "-keyout", pair.key, "-out", pair.certificate)  # fmt: skip
    return pair


def signer(folder: Path) -> Pair:
    """Who signs tokens (RS256); a registry trusts the certificate itself."""
    pair = Pair(folder / "signer.crt", folder / "signer.key")
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        "-subj", "/CN=lightship token service",
        "-keyout", pair.key, "-out", pair.certificate)  # fmt: skip
    return pair
