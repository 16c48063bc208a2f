"""Whom we trust, and who we say we are: the system's authorities, the user's, and per registry."""

from __future__ import annotations

import ssl
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from lightship.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lightship.net.origins import Origin

# Where distributions keep the system's authorities; asked only where OpenSSL was built to look in
# a place that does not exist here. The list is that of Go's crypto/x509 (root_linux.go).
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def certificate_directories(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Where Docker and containers/image keep certificates per registry, in their order."""
    system = (Path("/etc/docker/certs.d"), Path("/etc/containers/certs.d"))
    home = environment.get("HOME")
    if not home:
        return system
    own = (".docker/certs.d", ".config/docker/certs.d", ".config/containers/certs.d")
    return (*system, *(Path(home, place) for place in own))


class Trust:
    """TLS contexts, one for most origins and one for each with certificates of its own.

    Args:
        ca_file: authorities besides the system's.
        directories: of directories named `HOST` or `HOST:PORT`, with `*.crt` (authorities) and
            `*.cert` with `*.key` (client certificates), see
            docs.docker.com/engine/security/certificates.
    """

    def __init__(self, ca_file: Path | None, directories: Iterable[Path]) -> None:
        self._ca_file = ca_file
        self._directories = tuple(directories)
        self._common: ssl.SSLContext | None = None
        self._own: dict[Origin, ssl.SSLContext] = {}
        self._lock = Lock()

    def context(self, origin: Origin | None) -> ssl.SSLContext:
        """The context for an origin; for None (a proxy) that without certificates of its own.

        Raises:
            UnreachableError: a certificate file is not readable or none.
        """
        with self._lock:
            if origin in self._own:
                return self._own[origin]
            found = [] if origin is None else self._certificates(origin)
            if origin is not None and found:
                context = self._own[origin] = self._fresh()
                for file in found:
                    _add(context, file)
                return context
            if self._common is None:
                self._common = self._fresh()
            return self._common

    def _fresh(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.hostname_checks_common_name = False
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_default_certs()
        places = ssl.get_default_verify_paths()
        if not places.cafile and not places.capath:
            for bundle in _BUNDLES:
                if Path(bundle).is_file():
                    context.load_verify_locations(bundle)
                    break
        if self._ca_file is not None:
            _add(context, self._ca_file, authority=True)
        return context

    def _certificates(self, origin: Origin) -> list[Path]:
        host = f"[{origin.host}]" if ":" in origin.host else origin.host
        names = [f"{host}:{origin.port}", host] if origin.port == 443 else [f"{host}:{origin.port}"]
        return [
            file
            for root in self._directories
            for name in names
            for file in _files(root / name)
            if file.suffix in (".crt", ".cert")
        ]


def _files(directory: Path) -> list[Path]:
    try:
        return sorted(directory.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as problem:
        reason = problem.strerror
    raise UnreachableError(
        f"{directory}: {reason}", "It may hold certificates for this registry: make it readable."
    )


def _add(context: ssl.SSLContext, file: Path, *, authority: bool = False) -> None:
    reason = ""
    try:
        if authority or file.suffix == ".crt":
            context.load_verify_locations(file)
        else:
            # Without a password OpenSSL would ask on the terminal.
            context.load_cert_chain(file, file.with_suffix(".key"), password=lambda: "")
    except ssl.SSLError as problem:
        reason = f"no certificate that OpenSSL reads ({problem.reason or 'unreadable'})"
    except OSError as problem:
        reason = problem.strerror or "unreadable"
    if reason:
        raise UnreachableError(
            f"{file}: {reason}",
            "Certificates are PEM files"
            + ("." if authority or file.suffix == ".crt" else "; a .cert has its .key beside it."),
        )
