"""The config and the manifest of a new image: the raw JSON of the old ones, edited.

What is not edited keeps its bytes, unknown keys too (C10). Formats: OCI image-spec v1.1, config.md
and manifest.md; Docker image manifest v2 schema 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from lightship.layers.scan import Codec
from lightship.model.documents import (
    DOCKER_MANIFEST,
    OCI_CONFIG,
    OCI_LAYER,
    OCI_MANIFEST,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.model.digest import Digest
    from lightship.transports.storing import Family, StagedBlob

_DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
_DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
_OCI_SUFFIX = {Codec.PLAIN: "", Codec.GZIP: "+gzip", Codec.ZSTD: "+zstd"}
_DOCKER_SUFFIX = {Codec.PLAIN: "", Codec.GZIP: ".gzip"}


class LayerRow(Struct, frozen=True):
    """One layer of the new image.

    Attributes:
        blob: as it is staged.
        diff_id: of its tar.
        codec: of its blob.
        positions: of the old layers that it stands for.
        annotations: of its descriptor.
    """

    blob: StagedBlob
    diff_id: Digest
    codec: Codec
    positions: tuple[int, ...]
    annotations: Mapping[str, str] | None = None


def new_config(
    old: bytes,
    diff_ids: Sequence[Digest],
    *,
    history: Sequence[Mapping[str, Any]] | None,
    created: str | None = None,
) -> bytes:
    """The config with other layers.

    Args:
        old: the raw config.
        diff_ids: of the new layers, oldest first.
        history: its new history; None leaves it as it is.
        created: RFC 3339; None leaves it.
    """
    document: dict[str, Any] = msgspec.json.decode(old, type=dict[str, msgspec.Raw])
    rootfs: dict[str, Any] = msgspec.json.decode(
        document.get("rootfs", b'{"type":"layers"}'), type=dict[str, msgspec.Raw]
    )
    rootfs["diff_ids"] = [str(diff_id) for diff_id in diff_ids]
    document["rootfs"] = rootfs
    if history is not None:
        document["history"] = history
    if created is not None:
        document["created"] = created
    return msgspec.json.encode(document)


def new_manifest(
    config: StagedBlob,
    layers: Sequence[LayerRow],
    family: Family,
    annotations: Mapping[str, str] | None = None,
) -> tuple[bytes, str]:
    """A manifest and its media type; Docker's and OCI's media types are never mixed (M3)."""
    media_type = OCI_MANIFEST if family == "oci" else DOCKER_MANIFEST
    document: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": _descriptor(OCI_CONFIG if family == "oci" else _DOCKER_CONFIG, config),
        "layers": [_layer(layer, family) for layer in layers],
    }
    if annotations and family == "oci":
        document["annotations"] = dict(annotations)
    return msgspec.json.encode(document), media_type


def _layer(layer: LayerRow, family: Family) -> dict[str, Any]:
    if family == "oci":
        media_type = OCI_LAYER + _OCI_SUFFIX[layer.codec]
    else:
        media_type = _DOCKER_LAYER + _DOCKER_SUFFIX[layer.codec]
    made = _descriptor(media_type, layer.blob)
    if layer.annotations and family == "oci":
        made["annotations"] = dict(layer.annotations)
    return made


def _descriptor(media_type: str, blob: StagedBlob) -> dict[str, Any]:
    return {"mediaType": media_type, "size": blob.stored_bytes, "digest": str(blob.digest)}
