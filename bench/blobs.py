"""Writing the small documents of an OCI layout."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def encode(value: dict[str, Any]) -> bytes:
    """Return compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()


def store(blobs: Path, value: dict[str, Any], media_type: str) -> dict[str, Any]:
    """Write a document under its digest and return its descriptor."""
    data = encode(value)
    digest = hashlib.sha256(data).hexdigest()
    (blobs / digest).write_bytes(data)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}


def finish(part: Path, manifests: dict[str, dict[str, Any]], target: Path) -> None:
    """Write the index with one tag a manifest, and give the layout its name: now it is whole."""
    tagged = [
        {**manifest, "annotations": {"org.opencontainers.image.ref.name": tag}}
        for tag, manifest in manifests.items()
    ]
    (part / "oci-layout").write_bytes(encode({"imageLayoutVersion": "1.0.0"}))
    (part / "index.json").write_bytes(encode({"schemaVersion": 2, "manifests": tagged}))
    part.rename(target)
