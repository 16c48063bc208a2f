"""Stagings in a registry in memory, and the images that they are given."""

from __future__ import annotations

import json
import tempfile
from hashlib import sha256
from typing import TYPE_CHECKING

from lightship.model.digest import Digest
from lightship.model.documents import OCI_INDEX, OCI_MANIFEST
from lightship.model.platform import Platform
from lightship.model.reference import Reference
from lightship.net.options import NetOptions
from lightship.transports.access import Access
from lightship.transports.registry.staging import RegistryStaging
from lightship.transports.storing import NewImage

if TYPE_CHECKING:
    from pathlib import Path

    from .pretended_registry import Pretended

AMD64 = Platform("linux", "amd64")
ARM64 = Platform("linux", "arm64")
CONFIG = b"{}"


def staging_in(
    registry: Pretended, tag: str = "1", directory: Path | None = None, **changes: object
) -> RegistryStaging:
    given: dict[str, object] = {"plain_http": frozenset({"127.0.0.1"}), "attempts": 1} | changes
    access = Access(
        network=NetOptions(**given),  # type: ignore[arg-type]  # names are the Struct's
        environment={"TMPDIR": str(directory or tempfile.gettempdir())},
    )
    return RegistryStaging(Reference("registry", f"{registry.host}/a/b", tag), access)


def image(number: int = 1, platform: Platform = AMD64, kind: str = OCI_MANIFEST) -> NewImage:
    digest = Digest.of(CONFIG)
    document = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": {"mediaType": "x", "digest": digest, "size": len(CONFIG)},
        "layers": [],
        "annotations": {"number": str(number)},
    }
    return NewImage(json.dumps(document).encode(), kind, platform)


def digest_of(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()}"


def index(*images: NewImage, **more: object) -> bytes:
    rows = [
        {
            "mediaType": one.media_type,
            "digest": digest_of(one.manifest),
            "size": len(one.manifest),
            "platform": {"os": one.platform.os, "architecture": one.platform.architecture},
        }
        for one in images
    ]
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": rows, **more}
    return json.dumps(document).encode()


def puts(registry: Pretended) -> list[str]:
    """Names of the manifests that were put, in order."""
    paths = [one.path for one in registry.asked if one.method == "PUT"]
    return [path.rpartition("/")[2] for path in paths if "/manifests/" in path]
