"""What an index lists: raw platforms, and everything below it in a store.

Format: OCI image-spec v1.1, image-index.md and descriptor.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import CorruptInputError
from lightship.model import jsontext
from lightship.model.documents import MAX_MANIFEST_BYTES, OCI_INDEX, Manifest
from lightship.transports.described import read_manifest
from lightship.transports.index_entries import value_of
from lightship.transports.opened import layer_of
from lightship.transports.store import blob_name, check_size, checked_digest, read_described

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.model.documents import Descriptor
    from lightship.model.image import Layer
    from lightship.transports.store import Store


class StoredIndex(Struct, frozen=True):
    """An index that a store holds (`model.image.SourceIndex`)."""

    store: Store
    data: bytes
    media_type: str

    def document(self, descriptor: Descriptor) -> bytes | None:
        digest = checked_digest(descriptor.digest, what=f"index of {self.store.where}")
        if self.store.find(blob_name(digest)) is None:
            return None
        return read_described(self.store, descriptor, what="manifest", limit=MAX_MANIFEST_BYTES)

    def blob(self, descriptor: Descriptor, position: int) -> Layer | None:
        what = f"a blob of {self.store.where}"
        digest = checked_digest(descriptor.digest, what=what)
        blob = self.store.find(blob_name(digest))
        if blob is None:
            return None
        check_size(blob.stored_bytes, descriptor.blob_bytes, what=what)
        return layer_of(blob, position, digest, None, descriptor.media_type)


def source_index(store: Store, roots: Sequence[Descriptor]) -> StoredIndex | None:
    """What a name stands for, by its entries in `index.json`; None where that is no stored index.

    Raises:
        CorruptInputError: it is corrupt.
    """
    root = roots[0]
    digest = checked_digest(root.digest, what=f"index.json of {store.where}")
    if len(roots) > 1 or store.find(blob_name(digest)) is None:
        return None
    document = read_manifest(store, root)
    if isinstance(document, Manifest):
        return None
    data = read_described(store, root, what="manifest", limit=MAX_MANIFEST_BYTES)
    return StoredIndex(store, data, document.media_type or root.media_type or OCI_INDEX)


def raw_platforms(data: bytes, what: str) -> Mapping[str, Mapping[str, object]]:
    """`platform` of each descriptor of a raw index, by the digest; the first where it is twice."""
    found: dict[str, Mapping[str, object]] = {}
    try:
        document = jsontext.parse(data, what=what, limit=MAX_MANIFEST_BYTES)
    except CorruptInputError:
        return found
    rows = value_of(document, "manifests") if isinstance(document, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            digest, platform = value_of(row, "digest"), value_of(row, "platform")
            if isinstance(digest, str) and isinstance(platform, dict):
                found.setdefault(digest, platform)
    return found
