"""Layers that stay in their registry until they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from lightship.errors import CorruptInputError
from lightship.model.image import ServedBlob
from lightship.transports.oci_layout import foreign_layer, is_foreign
from lightship.transports.store import checked_digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightship.model.digest import Digest
    from lightship.model.documents import Descriptor
    from lightship.transports.registry.client import Repository


class RemoteLayer(Struct, frozen=True):
    """A layer in a registry (`model.image.Layer`); each `open` asks for it anew."""

    position: int
    digest: Digest
    diff_id: Digest | None
    media_type: str | None
    stored_bytes: int
    repository: Repository

    def identity(self) -> ServedBlob:
        return ServedBlob(self.digest)

    def open(self) -> BinaryIO:
        return self.repository.open_blob(self.digest, self.stored_bytes)


def layers_of(
    repository: Repository, descriptors: Sequence[Descriptor], diff_ids: Sequence[Digest]
) -> tuple[RemoteLayer, ...]:
    """The layers of a manifest, oldest first; none is asked for.

    Raises:
        CorruptInputError: a digest or size is none.
        UnreachableError: a layer is foreign: it would have to be fetched from elsewhere.
    """
    layers = []
    for position, (descriptor, diff_id) in enumerate(zip(descriptors, diff_ids, strict=True), 1):
        what = f"layer {position} of {repository.where}"
        if is_foreign(descriptor):
            raise foreign_layer(repository.where, position)
        if descriptor.blob_bytes < 0:
            raise CorruptInputError(f"{what} is said to have a negative size")
        digest = checked_digest(descriptor.digest, what=what)
        layers.append(
            RemoteLayer(
                position, digest, diff_id, descriptor.media_type, descriptor.blob_bytes, repository
            )
        )
    return tuple(layers)
