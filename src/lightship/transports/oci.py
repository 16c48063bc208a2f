"""`oci:` an OCI image layout in a directory."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from lightship.errors import CorruptInputError, UnreachableError
from lightship.model.documents import MAX_MANIFEST_BYTES
from lightship.transports import described, oci_layout
from lightship.transports.archive import inside
from lightship.transports.spans import LocalFile
from lightship.transports.store import read_document

if TYPE_CHECKING:
    from lightship.model.image import FileIdentity
    from lightship.transports.choosing import Catalogue


def catalogue(directory: str) -> Catalogue:
    """What the layout's `index.json` names.

    Raises:
        UnreachableError: there is no layout.
        CorruptInputError: the index breaks its format.
    """
    store = DirectoryStore(directory)
    what = f"index.json of {directory}"
    data = read_document(store, "index.json", what=what, limit=MAX_MANIFEST_BYTES)
    if data is None:
        raise UnreachableError(
            f"{directory} is no OCI image layout: it has no index.json",
            "An unpacked root file system is written rootfs:DIR.",
        )
    index = described.read_index(store, data, what)
    return oci_layout.catalogue(store, index, "oci", directory)


class FileBlob(Struct, frozen=True):
    """A file of a layout; opened anew for each reading."""

    path: str
    stored_bytes: int

    @property
    def scan(self) -> None:
        return None

    def identity(self) -> FileIdentity:
        return self._file().identity(0, self.stored_bytes)

    def open(self) -> BinaryIO:
        return self._file().span(0, self.stored_bytes)

    def _file(self) -> LocalFile:
        try:
            return LocalFile.open(self.path)
        except FileNotFoundError:
            raise CorruptInputError(f"{self.path} vanished while it was read") from None


class DirectoryStore:
    """The files of a layout by name (`transports.store.Store`).

    A blob may be a symbolic link to a regular file: layouts share blob directories that way.
    """

    def __init__(self, directory: str) -> None:
        self.where = directory

    def find(self, name: str) -> FileBlob | None:
        path = posixpath.join(self.where, inside(name, self.where))
        try:
            return FileBlob(path, LocalFile.open(path).file_bytes)
        except FileNotFoundError:
            return None

    def resolved(self, name: str) -> str:
        return name

    def missing(self, name: str, role: str) -> CorruptInputError:
        return CorruptInputError(
            f"{self.where} does not hold {name} ({role})",
            "The layout is incomplete: copy the image again.",
        )
