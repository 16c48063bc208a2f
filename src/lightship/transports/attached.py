"""What belongs to an image by its digest, in a store: attestations, signatures, referrers.

None of it holds for an image that is made from it. Found where BuildKit puts it (image-index
entries with `vnd.docker.reference.digest`), cosign in a layout (tags `sha256-HEX.sig`), and OCI 1.1
(manifests whose `subject` it is).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.errors import CorruptInputError
from lightship.model import jsontext
from lightship.model.documents import INDEXES, MAX_MANIFEST_BYTES, Index
from lightship.transports.store import read_described, read_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lightship.model.digest import Digest
    from lightship.model.documents import Descriptor
    from lightship.transports.store import Store

MAX_DOCUMENTS = 64
"""How many documents of a store are looked into."""

_ABOUT = "vnd.docker.reference.digest"
_TAG = "org.opencontainers.image.ref.name"
_COSIGN = {".sig": "cosign signature", ".att": "cosign attestation", ".sbom": "bill of materials"}


def attestations_of(descriptors: Iterable[Descriptor], digest: Digest) -> list[str]:
    """The entries of an index that are attestations about an image, as BuildKit writes them."""
    return [
        f"attestation (provenance, SBOM) {one.digest[:80]}"
        for one in descriptors
        if one.is_attestation and (one.annotations or {}).get(_ABOUT) == digest
    ]


def attached_in(store: Store, digest: Digest) -> tuple[str, ...]:
    """Name what belongs to a manifest that a store holds, one line each; foreign text.

    What cannot be read is passed over: nothing of it is used.
    """
    found: dict[str, None] = {}
    try:
        for line in _attached(store, digest):
            found[line] = None
    except CorruptInputError:
        pass
    return tuple(found)


def _attached(store: Store, digest: Digest) -> Iterator[str]:
    data = read_document(store, "index.json", what="index.json", limit=MAX_MANIFEST_BYTES)
    if data is None:
        return
    prefix = f"{digest.algorithm}-{digest.hex}"
    waiting = _listed(data)
    seen: set[str] = set()
    while waiting and len(seen) < MAX_DOCUMENTS:
        one = waiting.pop()
        if one.digest in seen:
            continue
        seen.add(one.digest)
        yield from attestations_of((one,), digest)
        tag = (one.annotations or {}).get(_TAG, "")
        if tag.startswith(prefix):
            yield f"{_COSIGN.get(tag.removeprefix(prefix), 'artifact')} {tag[:100]}"
        elif not one.is_attestation and one.digest != digest:
            try:
                data = read_described(store, one, what="manifest", limit=MAX_MANIFEST_BYTES)
            except CorruptInputError:  # not every image of an index has to be there
                continue
            if one.media_type in INDEXES:
                waiting += _listed(data)
            elif (kind := _about(data, digest)) is not None:
                yield f"{kind[:100]} {one.digest[:80]}"


def _listed(data: bytes) -> list[Descriptor]:
    index = jsontext.decode(data, Index, what="an index", limit=MAX_MANIFEST_BYTES)
    return list(index.manifests or [])


def _about(data: bytes, digest: Digest) -> str | None:
    """What a manifest is, if it is about that one."""
    document = jsontext.parse(data, what="a manifest", limit=MAX_MANIFEST_BYTES)
    if not isinstance(document, dict):
        return None
    subject, kind = document.get("subject"), document.get("artifactType")
    if not isinstance(subject, dict) or subject.get("digest") != digest:
        return None
    return kind if isinstance(kind, str) and kind else "artifact"
