"""What every transport reads from: named blobs, in a directory, an archive or a pipe."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, BinaryIO, Protocol

from msgspec import Struct

from lightship.errors import CorruptInputError
from lightship.model.digest import Digest
from lightship.model.jsontext import refuse_size

if TYPE_CHECKING:
    from lightship.layers.scan import LayerScan
    from lightship.model.documents import Descriptor
    from lightship.model.image import FileIdentity


class Blob(Protocol):
    """Stored bytes with a name."""

    @property
    def stored_bytes(self) -> int:
        """How many bytes there are."""

    @property
    def scan(self) -> LayerScan | None:
        """What reading it as a layer gave, where the bytes came by once and are gone."""

    def identity(self) -> FileIdentity | None:
        """The local bytes, as they are now."""

    def open(self) -> BinaryIO:
        """The bytes, from their start."""


class Store(Protocol):
    """Blobs by name. Names are relative, with `/`, without `.` and `..`."""

    @property
    def where(self) -> str:
        """For messages: the path of the archive or directory."""

    def find(self, name: str) -> Blob | None:
        """The blob of that name; links are followed inside the store only.

        Raises:
            CorruptInputError: the name leaves the store, links go in a circle, or the name
                stands for two different contents.
        """

    def resolved(self, name: str) -> str:
        """The name at the end of the links from `name`; `name` where there is none."""

    def missing(self, name: str, role: str) -> CorruptInputError:
        """The error for a blob that is not there."""


class Archive(Store, Protocol):
    """A store that is one stretch of bytes."""

    @property
    def archive_bytes(self) -> int:
        """How many bytes there were."""


class Document(Struct, frozen=True):
    """Bytes in memory, as a blob."""

    data: bytes

    @property
    def stored_bytes(self) -> int:
        return len(self.data)

    @property
    def scan(self) -> None:
        return None

    def identity(self) -> None:
        return None

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)


def blob_name(digest: Digest) -> str:
    """Where an OCI image layout keeps the blob (image-layout.md, "Blobs")."""
    return f"blobs/{digest.algorithm}/{digest.hex}"


def digest_in_name(name: str) -> Digest | None:
    """The digest that a name of the form `blobs/<algorithm>/<hex>` claims."""
    parts = name.split("/")
    if len(parts) != 3 or parts[0] != "blobs":
        return None
    try:
        return Digest(f"{parts[1]}:{parts[2]}")
    except ValueError:
        return None


def read_document(store: Store, name: str, *, what: str, limit: int) -> bytes | None:
    """All bytes of a small blob; None if there is no such blob.

    Raises:
        CorruptInputError: it is larger than `limit`.
    """
    blob = store.find(name)
    if blob is None:
        return None
    if blob.stored_bytes > limit:
        refuse_size(what, blob.stored_bytes, limit)
    if blob.scan is not None:
        raise CorruptInputError(f"{what} is a layer and no JSON document")
    with blob.open() as stream:
        return _exactly(stream, blob.stored_bytes)


def _exactly(stream: BinaryIO, count: int) -> bytes:
    parts = []
    while count > 0 and (part := stream.read(min(count, 1 << 20))):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_described(store: Store, descriptor: Descriptor, *, what: str, limit: int) -> bytes:
    """All bytes of a document, held against the size and digest of its descriptor.

    Raises:
        CorruptInputError: missing, too large, or not what the descriptor says.
    """
    digest = checked_digest(descriptor.digest, what=what)
    what = f"{what} {digest.algorithm}:{digest.short}"
    if descriptor.blob_bytes > limit:
        refuse_size(what, descriptor.blob_bytes, limit)
    name = blob_name(digest)
    data = read_document(store, name, what=f"{what} of {store.where}", limit=limit)
    if data is None:
        raise store.missing(name, what)
    check_size(len(data), descriptor.blob_bytes, what=f"{what} of {store.where}")
    check_digest(data, digest, what=f"{what} of {store.where}")
    return data


def checked_digest(text: str, *, what: str) -> Digest:
    """`text` as a digest.

    Raises:
        CorruptInputError: it is none.
    """
    try:
        return Digest(text)
    except ValueError as error:
        raise CorruptInputError(f"{what}: {error}") from None


def check_size(found: int, claimed: int, *, what: str) -> None:
    """Raise a CorruptInputError unless the two sizes are equal."""
    if found != claimed:
        raise CorruptInputError(f"{what} has {found} bytes, its descriptor says {claimed}")


def check_digest(data: bytes, claimed: Digest, *, what: str) -> None:
    """Raise a CorruptInputError unless `data` has the digest it is claimed to have."""
    found = Digest.from_hash(hashlib.new(claimed.algorithm, data))
    if found != claimed:
        raise CorruptInputError(f"{what} is corrupt: its bytes have the digest {found}")
