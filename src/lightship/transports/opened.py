"""The images and layers that the transports from files give."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from lightship.layers.codecs import sniff
from lightship.layers.scan import Codec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lightship.layers.scan import LayerScan
    from lightship.model.digest import Digest
    from lightship.model.documents import Config
    from lightship.model.image import FileIdentity, Layer, RawManifest, SourceIndex
    from lightship.model.platform import Platform
    from lightship.model.reference import Reference
    from lightship.transports.store import Blob


class StoredLayer(Struct, frozen=True):
    """A layer whose bytes lie in a local file (`model.image.Layer`)."""

    position: int
    digest: Digest | None
    diff_id: Digest | None
    media_type: str | None
    blob: Blob

    @property
    def stored_bytes(self) -> int | None:
        return self.blob.stored_bytes

    def identity(self) -> FileIdentity | None:
        return self.blob.identity()

    def open(self) -> BinaryIO:
        return self.blob.open()


class ScannedLayer(Struct, frozen=True):
    """A layer whose bytes came through a pipe (also `layers.scan.AlreadyRead`)."""

    position: int
    digest: Digest | None
    diff_id: Digest | None
    media_type: str | None
    scan: LayerScan

    @property
    def stored_bytes(self) -> int | None:
        return self.scan.stored_bytes

    def identity(self) -> FileIdentity | None:
        return None

    def open(self) -> BinaryIO:
        raise OSError("the bytes of a pipe cannot be read twice: use `scan`")


def layer_of(
    blob: Blob, position: int, digest: Digest | None, diff_id: Digest | None, media_type: str | None
) -> Layer:
    """The layer at a position, from its blob and what the image claims of it."""
    if blob.scan is not None:
        return ScannedLayer(position, digest, diff_id, media_type, blob.scan)
    return StoredLayer(position, digest, diff_id, media_type, blob)


def all_compressed(layers: Sequence[Layer]) -> bool:
    """Whether every layer's bytes are compressed, by their magic: as a registry stores them.

    Only then is the digest of a stored manifest one that a registry may know.
    """
    return all(_is_compressed(layer) for layer in layers)


def _is_compressed(layer: Layer) -> bool:
    if isinstance(layer, ScannedLayer):
        return layer.scan.codec is not Codec.PLAIN
    with layer.open() as stream:
        return sniff(stream.read(4)) is not Codec.PLAIN


class OpenedImage(Struct, frozen=True):
    """One image for one platform (`model.image.Image`)."""

    reference: Reference
    digest: Digest | None
    config_bytes: bytes | None
    config: Config
    names: tuple[str, ...]
    platform: Platform
    stores_wire_blobs: bool
    layers: Sequence[Layer]
    notes: tuple[str, ...] = ()
    annotations: Mapping[str, str] | None = None
    """Of the manifest (also `model.image.Annotated`)."""
    manifest: RawManifest | None = None
    """As it is stored (also `model.image.Manifested`)."""
    find_attached: Callable[[], tuple[str, ...]] = tuple
    listed_as: Mapping[str, object] | None = None
    """`platform` of its descriptor (also `model.image.Listed`)."""
    index: SourceIndex | None = None
    """What its name stands for, where that is an index."""

    def attached(self) -> tuple[str, ...]:
        return self.find_attached()
