"""`oci-archive:` an OCI image layout in a tar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.errors import CorruptInputError
from lightship.model.documents import MAX_MANIFEST_BYTES
from lightship.transports import described, docker_archive, oci_layout
from lightship.transports.store import read_document

if TYPE_CHECKING:
    from lightship.transports.choosing import Catalogue
    from lightship.transports.store import Archive, Store


def catalogue(store: Store, location: str) -> Catalogue:
    """What the layout's `index.json` names.

    Raises:
        CorruptInputError: there is none, it breaks its format, or it disagrees with a
            `manifest.json` beside it.
    """
    what = f"index.json of {store.where}"
    data = read_document(store, "index.json", what=what, limit=MAX_MANIFEST_BYTES)
    if data is None:
        raise store.missing("index.json", "list of images")
    if store.find("manifest.json") is not None:
        docker_archive.catalogue(store, location)  # for what it refuses
    index = described.read_index(store, data, what)
    return oci_layout.catalogue(store, index, "oci-archive", location)


def of_archive(store: Archive, transport: str, location: str) -> Catalogue:
    """What an archive of either kind holds; `transport` counts where it is both.

    Raises:
        CorruptInputError: it is neither, or breaks its format.
    """
    saved = store.find("manifest.json") is not None
    layout = store.find("index.json") is not None
    if not saved and not layout:
        if not store.archive_bytes:
            raise CorruptInputError(f"{store.where} is empty", "Nothing was written to it.")
        raise CorruptInputError(
            f"{store.where} is a tar without manifest.json and index.json, so no image archive; "
            f"it ends after {store.archive_bytes} bytes",
            "A layer or the output of `docker export` is a root file system: unpack it and give "
            "rootfs:DIR; an image is written by `docker save`.",
        )
    if saved and not (layout and transport == "oci-archive"):
        return docker_archive.catalogue(store, location)
    return catalogue(store, location)
