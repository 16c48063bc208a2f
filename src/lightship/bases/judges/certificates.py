"""Whether the certificates of authorities are there, for an application that asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.bases.dockerfile_words import copied
from lightship.bases.reasoning import listed, reason
from lightship.bases.speaking import speakers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.move import Move
    from lightship.bases.scene import Scene
    from lightship.model.results.base_verdict import Reason

_BUNDLES = (
    b"etc/ssl/certs/ca-certificates.crt",
    b"etc/ssl/cert.pem",
    b"etc/ssl/ca-bundle.pem",
    b"etc/pki/tls/certs/ca-bundle.crt",
    b"etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
)
_PLACES = frozenset((b"/etc/ssl/", b"/etc/pki/", b"/etc/ca-certificates"))
_LIBRARIES = (b"libssl.so", b"libcrypto.so", b"libgnutls.so", b"libmbedtls.so")
_LANGUAGES = (b"python", b"ruby", b"php", b"perl")


def judge(move: Move) -> Iterator[Reason]:
    """They are carried where the image has them now and the base has none."""
    if move.landing is None or _bundle(move.landing) is not None:
        return
    bundle = _bundle(move.application.scene)
    if bundle is None:
        return
    asking = speakers(move.application, _PLACES, _LIBRARIES, _LANGUAGES, b"tls")
    if asking:
        path = "/" + bundle.decode()
        yield reason(
            "certificates",
            "carry",
            "it has no certificates of authorities, which connections by TLS are checked with",
            evidence=listed(asking),
            todo=copied(move.application.inside, path),
        )


def _bundle(scene: Scene) -> bytes | None:
    return next((path for path in _BUNDLES if scene.lookup.file(path) is not None), None)
