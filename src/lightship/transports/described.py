"""Index, manifest and config: read from a store, and held against what points at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.errors import CorruptInputError
from lightship.model import jsontext
from lightship.model.documents import (
    INDEXES,
    MANIFESTS,
    MAX_CONFIG_BYTES,
    MAX_MANIFEST_BYTES,
    Config,
    Descriptor,
    Index,
    Manifest,
)
from lightship.transports.store import checked_digest, read_described

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightship.model.digest import Digest
    from lightship.transports.store import Store


def read_index(store: Store, data: bytes, what: str) -> Index:
    """`index.json`, decoded.

    Raises:
        CorruptInputError: it is no index.
    """
    value = jsontext.parse(data, what=what, limit=MAX_MANIFEST_BYTES)
    if not isinstance(value, dict) or _shape(value, what) != "index":
        raise CorruptInputError(f"{what} is no image index", f"See {store.where}.")
    return jsontext.convert(value, Index, what=what)


def read_config(store: Store, descriptor: Descriptor) -> tuple[bytes, Config]:
    """A config: the raw bytes, and the view."""
    data = read_described(store, descriptor, what="config", limit=MAX_CONFIG_BYTES)
    return data, decode_config(data, f"the config of {store.where}")


def decode_config(data: bytes, what: str) -> Config:
    """The view of a config's raw bytes."""
    return jsontext.decode(data, Config, what=what, limit=MAX_CONFIG_BYTES)


def diff_ids(config: Config, layers: int, where: str) -> list[Digest]:
    """The config's diff IDs, one for each layer.

    Raises:
        CorruptInputError: there are more or fewer than layers.
    """
    claimed = (config.rootfs.diff_ids if config.rootfs else None) or []
    if len(claimed) != layers:
        raise CorruptInputError(
            f"{where} has {layers} layers, its config names {len(claimed)} diff IDs"
        )
    return [checked_digest(text, what=f"the config of {where}") for text in claimed]


def read_manifest(store: Store, descriptor: Descriptor) -> Index | Manifest:
    """The index or image manifest that a descriptor points at, held against it.

    Raises:
        CorruptInputError: its bytes, its media type and its content do not agree.
    """
    data = read_described(store, descriptor, what="manifest", limit=MAX_MANIFEST_BYTES)
    what = f"manifest {checked_digest(descriptor.digest, what='manifest').short} of {store.where}"
    return decode_manifest(data, what, (descriptor.media_type,))


def decode_manifest(data: bytes, what: str, claimed: Iterable[str | None]) -> Index | Manifest:
    """The index or image manifest that some bytes are; `claimed` is what media types it is called.

    Raises:
        CorruptInputError: it is neither, or called the one and has the keys of the other.
    """
    value = jsontext.parse(data, what=what, limit=MAX_MANIFEST_BYTES)
    if not isinstance(value, dict):
        raise CorruptInputError(f"{what} is neither an index nor an image manifest")
    shape = _shape(value, what)
    document: Index | Manifest
    if shape == "index":
        document = jsontext.convert(value, Index, what=what)
    else:
        document = jsontext.convert(value, Manifest, what=what)
    for media_type in (*claimed, document.media_type):
        wrong = MANIFESTS if shape == "index" else INDEXES
        if media_type in wrong:
            raise CorruptInputError(f"{what} is called {media_type} but has the keys of an {shape}")
    return document


def _shape(value: dict[str, object], what: str) -> str:
    keys = {key.casefold() for key, item in value.items() if item is not None}
    index, manifest = "manifests" in keys, not keys.isdisjoint(("config", "layers"))
    if index and manifest:
        raise CorruptInputError(
            f"{what} is an index and an image manifest at once",
            "Two readers would see two different images.",
        )
    if manifest:
        return "image manifest"
    if index or not keys.isdisjoint(("schemaversion",)):
        return "index"
    raise CorruptInputError(f"{what} is neither an index nor an image manifest")
