"""The documents at the end of an archive: `index.json`, `manifest.json`, `oci-layout`. Pure.

Formats: OCI image-spec v1.1, image-layout.md; moby, image/spec/v1.2.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.model import jsontext
from lightship.model.digest import Digest
from lightship.model.documents import MAX_MANIFEST_BYTES, Manifest
from lightship.transports.image_names import ImageName, kept_names, written_name
from lightship.transports.indexes import fields_of, index_for
from lightship.transports.layout_directory import LAYOUT_FILE
from lightship.transports.layout_index import LayoutIndex
from lightship.transports.store import blob_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.model.reference import Reference
    from lightship.transports.storing import NewImage, NewIndex


class ArchiveDocuments(Struct, frozen=True):
    """What an archive ends with.

    Attributes:
        index: of several platforms, to be stored as a blob; None for one image.
        files: by name, in order.
        digest: of the manifest or index that the archive stands for.
        notes: for a person.
    """

    index: bytes | None
    files: Mapping[str, bytes]
    digest: Digest
    notes: tuple[str, ...]


def names_of_archive(destination: Reference, names: Sequence[str]) -> tuple[ImageName, ...]:
    """What an image is called in an archive: what the destination says, else what it was called."""
    if destination.selector and destination.transport == "oci-archive":
        return (written_name(destination.selector),)
    return kept_names((destination.selector,) if destination.selector else names)


def documents(
    destination: Reference,
    names: Sequence[ImageName],
    images: Sequence[NewImage],
    given: NewIndex | None = None,
) -> ArchiveDocuments:
    """The documents of an archive whose blobs are written."""
    first = images[0]
    index: bytes | None = None
    root: dict[str, object] = {
        "mediaType": first.media_type,
        "digest": Digest.of(first.manifest),
        "size": len(first.manifest),
        "platform": fields_of(first),
    }
    if len(images) > 1 or given is not None:
        rebuilt = index_for(None, images, given, where=str(destination))
        index = rebuilt.data
        root = {
            "mediaType": rebuilt.media_type,
            "digest": Digest.of(index),
            "size": len(index),
        }
    layout = LayoutIndex(None, str(destination))
    for name in names:
        layout.point(name, root)
    if not names:
        layout.add_unnamed(root)
    files = {"index.json": layout.data()}
    notes: tuple[str, ...] = ()
    if destination.transport == "docker-archive":
        tags = list(dict.fromkeys(name.repo_tag for name in names if name.repo_tag))
        files["manifest.json"] = _saved(first, tags)
        notes = tuple(_notes(destination, tags, images))
    files["oci-layout"] = LAYOUT_FILE
    return ArchiveDocuments(index, files, Digest(str(root["digest"])), notes)


def _saved(image: NewImage, tags: Sequence[str]) -> bytes:
    """`manifest.json`: one element; engines older than 25 read nothing else."""
    manifest = jsontext.decode(
        image.manifest, Manifest, what="the new manifest", limit=MAX_MANIFEST_BYTES
    )
    element = {
        "Config": blob_name(manifest.config.checked_digest()),
        "RepoTags": list(tags) or None,
        "Layers": [blob_name(layer.checked_digest()) for layer in manifest.layers or []],
    }
    return json.dumps([element], separators=(",", ":")).encode()


def _notes(destination: Reference, tags: Sequence[str], images: Sequence[NewImage]) -> list[str]:
    notes = []
    if not tags:
        notes.append(
            "no name is known, so docker load will give it none: "
            f"write docker-archive:{destination.location}:NAME:TAG"
        )
    if len(images) > 1:
        notes.append(
            f"docker load before Engine 25 takes {images[0].platform}, and the other platforms "
            "not at all"
        )
    return notes
