"""The config and the manifest of a new image: the raw JSON of the old ones, edited.

What is not edited keeps its text, unknown keys too (C10). Formats: OCI image-spec v1.1, config.md
and manifest.md; Docker image manifest v2 schema 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.layers.scan import Codec
from lightship.model.documents import DOCKER_MANIFEST, OCI_CONFIG, OCI_LAYER, OCI_MANIFEST
from lightship.rewrite.leftovers import Dropped, stays_true
from lightship.rewrite.rawjson import RawObject, array_of, dumped, elements
from lightship.transports.indexes import family_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lightship.model.digest import Digest
    from lightship.model.image import RawManifest
    from lightship.transports.storing import Family, StagedBlob

_DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
_DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
_OCI_SUFFIX = {Codec.PLAIN: "", Codec.GZIP: "+gzip", Codec.ZSTD: "+zstd"}
_DOCKER_SUFFIX = {Codec.PLAIN: "", Codec.GZIP: ".gzip"}
_OCI_ONLY = ("annotations", "subject", "artifactType")
_OF_THE_BYTES = ("data", "urls")  # of a descriptor, besides its digest and size (descriptor.md)
_BASE = "org.opencontainers.image.base."


class LayerRow(Struct, frozen=True):
    """One layer of the new image.

    Attributes:
        blob: as it is staged.
        diff_id: of its tar.
        codec: of its blob.
        positions: of the old layers that it stands for.
        is_new: whether its tar is another than before.
    """

    blob: StagedBlob
    diff_id: Digest
    codec: Codec
    positions: tuple[int, ...]
    is_new: bool = False


class NewManifest(Struct, frozen=True):
    """A manifest, ready to be stored.

    Attributes:
        data: the raw manifest; the old one's very bytes where all that it points at is the same.
        media_type: of it, also in it.
        notes: what of the old one does not hold any more and was dropped, a line each.
    """

    data: bytes
    media_type: str
    notes: tuple[str, ...] = ()


def new_config(
    old: bytes,
    diff_ids: Sequence[Digest],
    *,
    history: str | None = None,
    created: str | None = None,
) -> bytes:
    """The config with other layers; the very bytes of the old one where nothing changes.

    Args:
        old: the raw config.
        diff_ids: of the new layers, oldest first.
        history: its new history, as JSON; None leaves it as it is.
        created: RFC 3339; None leaves it.

    Raises:
        CorruptInputError: the old one is no JSON object.
    """
    document = RawObject.of(old)
    rootfs = RawObject(document.get("rootfs") or '{"type":"layers"}')
    listed = [str(diff_id) for diff_id in diff_ids]
    same_layers = elements(rootfs.get("diff_ids") or "[]") == [dumped(one) for one in listed]
    if same_layers and history is None and created is None:
        return old
    if not same_layers:
        rootfs.put("diff_ids", dumped(listed))
        document.put("rootfs", str(rootfs))
    if history is not None:
        document.put("history", history)
    if created is not None:
        document.put("created", dumped(created))
    return str(document).encode()


def new_manifest(
    old: RawManifest | None,
    config: StagedBlob,
    layers: Sequence[LayerRow],
    family: Family,
    *,
    keeps_base: bool = True,
) -> NewManifest:
    """The manifest of the new image; Docker's and OCI's media types are never mixed (M3).

    Args:
        old: the manifest of the image that was rewritten; None where it has none.
        config: of the new image.
        layers: of the new image, oldest first.
        family: whose media types it has.
        keeps_base: whether the layers of the base image stay, so that what is said of it holds.
    """
    media_type = OCI_MANIFEST if family == "oci" else DOCKER_MANIFEST
    document = RawObject.of(old.data if old else b'{"schemaVersion":2}')
    old_layers = [RawObject(one) for one in elements(document.get("layers") or "[]")]
    old_config = RawObject(document.get("config") or "{}")
    if (
        old is not None
        and family_of(old.media_type) == family
        and _is_same(old_config, old_layers, config, layers)
    ):
        return NewManifest(old.data, old.media_type)
    changed = list(map(_digest, old_layers)) != [row.blob.digest for row in layers]
    dropped = Dropped()
    document.put("mediaType", dumped(media_type))
    document.put("config", str(_config(old_config, config, family, old)))
    rows = [_layer(row, old_layers, family, dropped) for row in layers]
    document.put("layers", array_of(rows))
    if document.get("subject") is not None:
        document.drop("subject")
        dropped.subject = True

    def holds(key: str) -> bool:
        if key.startswith(_BASE):
            return keeps_base
        return not changed or stays_true(key, another_tar=True)

    _filter(document, holds, dropped)
    if family == "docker":
        for key in _OCI_ONLY:
            if key in document:
                document.drop(key)
                dropped.of_family.append(key)
    return NewManifest(str(document).encode(), media_type, dropped.notes())


def _is_same(
    old_config: RawObject,
    old_layers: Sequence[RawObject],
    config: StagedBlob,
    layers: Sequence[LayerRow],
) -> bool:
    return _digest(old_config) == config.digest and list(map(_digest, old_layers)) == [
        row.blob.digest for row in layers
    ]


def _digest(descriptor: RawObject) -> str:
    return (descriptor.get("digest") or "").strip('"')


def _config(
    descriptor: RawObject, blob: StagedBlob, family: Family, old: RawManifest | None
) -> RawObject:
    if old is None or family_of(old.media_type) != family or "mediaType" not in descriptor:
        _put_media_type(descriptor, OCI_CONFIG if family == "oci" else _DOCKER_CONFIG)
    _point_at(descriptor, blob)
    return descriptor


def _layer(row: LayerRow, old_layers: Sequence[RawObject], family: Family, dropped: Dropped) -> str:
    alone = len(row.positions) == 1 and row.positions[0] <= len(old_layers)
    descriptor = old_layers[row.positions[0] - 1] if alone else RawObject()
    if family == "oci":
        _put_media_type(descriptor, OCI_LAYER + _OCI_SUFFIX[row.codec])
    else:
        _put_media_type(descriptor, _DOCKER_LAYER + _DOCKER_SUFFIX[row.codec])
    if _digest(descriptor) != row.blob.digest:
        _point_at(descriptor, row.blob)
        _filter(descriptor, lambda key: stays_true(key, another_tar=row.is_new), dropped)
    if family == "docker" and "annotations" in descriptor:
        descriptor.drop("annotations")
        dropped.of_family.append("annotations of layers")
    if not alone:
        for position in row.positions:
            if position <= len(old_layers):
                _filter(old_layers[position - 1], lambda _: False, dropped)
    return str(descriptor)


def _put_media_type(descriptor: RawObject, media_type: str) -> None:
    if descriptor.get("mediaType") != dumped(media_type):
        descriptor.put("mediaType", dumped(media_type))


def _point_at(descriptor: RawObject, blob: StagedBlob) -> None:
    descriptor.put("digest", dumped(str(blob.digest)))
    descriptor.put("size", dumped(blob.stored_bytes))
    for key in _OF_THE_BYTES:
        descriptor.drop(key)


def _filter(holder: RawObject, holds: Callable[[str], bool], dropped: Dropped) -> None:
    """Drop annotations that do not hold."""
    text = holder.get("annotations")
    if text is None:
        return
    annotations = RawObject(text, is_map=True)
    lies = [key for key in annotations.keys() if not holds(key)]  # noqa: SIM118 - not a mapping
    for key in lies:
        annotations.drop(key)
        dropped.annotations.append(key)
    if lies and len(annotations):
        holder.put("annotations", str(annotations))
    elif lies:
        holder.drop("annotations")
