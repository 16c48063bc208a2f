"""An index in a registry, with all that it lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import CorruptInputError
from lightship.transports.oci_layout import foreign_layer, is_foreign
from lightship.transports.registry.errors import RefusedError
from lightship.transports.registry.layers import RemoteLayer
from lightship.transports.store import checked_digest

if TYPE_CHECKING:
    from lightship.model.documents import Descriptor
    from lightship.transports.registry.client import Repository


class ServedIndex(Struct, frozen=True):
    """An index that a registry serves (`model.image.SourceIndex`)."""

    repository: Repository
    data: bytes
    media_type: str

    def document(self, descriptor: Descriptor) -> bytes | None:
        try:
            return self.repository.described(descriptor).data
        except RefusedError as problem:
            if problem.status == 404:
                return None
            raise

    def blob(self, descriptor: Descriptor, position: int) -> RemoteLayer:
        what = f"a blob of {self.repository.where}"
        if is_foreign(descriptor):
            raise foreign_layer(self.repository.where, position)
        if descriptor.blob_bytes < 0:
            raise CorruptInputError(f"{what} is said to have a negative size")
        digest = checked_digest(descriptor.digest, what=what)
        return RemoteLayer(
            position,
            digest,
            None,
            descriptor.media_type,
            descriptor.blob_bytes,
            self.repository,
        )
