"""What belongs to an image beside it: signatures, attestations and bills of materials.

They name the digest of its manifest, so that none of them holds for an image that is made from it.
Found where cosign puts them (tags `sha256-HEX.sig`, `.att`, `.sbom`: its SIGNATURE_SPEC.md), and
where OCI 1.1 does (referrers; for registries that know none, the tag `sha256-HEX`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.errors import LightshipError
from lightship.model.documents import Index
from lightship.transports.registry.errors import RefusedError, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.digest import Digest
    from lightship.model.documents import Descriptor
    from lightship.transports.registry.client import Repository

MAX_NAMED = 20
"""How many referrers are named; more are counted."""

_COSIGN = {
    "sig": "cosign signature",
    "att": "cosign attestation",
    "sbom": "bill of materials (cosign)",
}


def attached_to(repository: Repository, digest: Digest) -> tuple[str, ...]:
    """Name what belongs to a manifest, one line each; foreign text.

    A registry that cannot be asked is no error: what was found until then is returned, and
    `progress` gets a note.
    """
    found: list[str] = []
    base = f"{digest.algorithm}-{digest.hex}"
    try:
        for suffix, what in _COSIGN.items():
            if _has_tag(repository, f"{base}.{suffix}"):
                found.append(f"{what} {repository.where}:{base}.{suffix}")
        found += _named(repository, _referrers(repository, digest, base))
    except LightshipError as problem:
        repository.progress.note(f"whether it is signed is not known: {problem.what}")
    return tuple(found)


def _has_tag(repository: Repository, tag: str) -> bool:
    try:
        repository.manifest(tag)
    except RefusedError as problem:
        if problem.status == 404:
            return False
        raise
    return True


def _referrers(repository: Repository, digest: Digest, tag: str) -> Sequence[Descriptor]:
    try:
        return repository.referrers(digest)
    except RefusedError as problem:
        # 404: a registry of before OCI 1.1; others answer so too where they know no such path.
        if problem.status not in (400, 404, 405):
            raise
    try:
        document = repository.manifest(tag).document
    except RefusedError as problem:
        if problem.status == 404:
            return ()
        raise
    return (document.manifests or ()) if isinstance(document, Index) else ()


def _named(repository: Repository, descriptors: Sequence[Descriptor]) -> list[str]:
    names = [
        f"{shown(one.artifact_type or 'artifact')} {repository.where}@{shown(one.digest)}"
        for one in descriptors[:MAX_NAMED]
    ]
    if len(descriptors) > MAX_NAMED:
        names.append(f"{len(descriptors) - MAX_NAMED} more that belong to it")
    return names
