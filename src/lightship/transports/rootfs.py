"""`rootfs:` a directory with an unpacked root file system, as an image of one layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from msgspec import Struct, field

from lightship.errors import UnreachableError
from lightship.model.documents import Config
from lightship.model.platform import Platform
from lightship.transports.reading import PieceReader
from lightship.transports.walking import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.model.digest import Digest
    from lightship.model.image import FileIdentity, Layer
    from lightship.model.reference import Reference


class DirectoryLayer(Struct, frozen=True):
    """A directory, as a layer whose tar is written while it is read.

    The same tree gives the same bytes: entries are sorted, times are whole seconds, and neither
    names of users nor inode numbers are stored.

    Attributes:
        path: the directory.
        notes: what the last reading left out, one line each: sockets, mounted file systems.
    """

    path: str
    notes: list[str] = field(default_factory=list)

    position = 1
    digest: Digest | None = None
    diff_id: Digest | None = None
    media_type: str | None = None
    stored_bytes: int | None = None

    def identity(self) -> FileIdentity | None:
        return None

    def open(self) -> BinaryIO:
        self.notes.clear()
        return cast("BinaryIO", _ChunkStream(Walk(self.path, self.notes).tar()))


class RootfsImage(Struct, frozen=True):
    """A root file system, as an image without manifest and config (`model.image.Image`)."""

    reference: Reference
    platform: Platform
    layer: DirectoryLayer

    @property
    def digest(self) -> Digest | None:
        return None

    @property
    def config_bytes(self) -> bytes | None:
        return None

    @property
    def config(self) -> Config:
        return Config()

    @property
    def names(self) -> tuple[str, ...]:
        return ()

    @property
    def stores_wire_blobs(self) -> bool:
        return False

    @property
    def layers(self) -> tuple[Layer, ...]:
        return (self.layer,)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the last reading left out, one line each."""
        return tuple(self.layer.notes)


def open_rootfs(reference: Reference, platform: Platform | None) -> RootfsImage:
    """A directory as an image; it does not say its platform, so it has the one asked for.

    Raises:
        UnreachableError: it is no directory.
    """
    if not Path(reference.location).is_dir():
        raise UnreachableError(f"{reference.location} is no directory")
    return RootfsImage(reference, platform or Platform.here(), DirectoryLayer(reference.location))


class _ChunkStream(PieceReader):
    """A stream of what a generator yields."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._rest = memoryview(b"")

    def take(self, count: int) -> bytes:
        if len(self._rest) < count:
            self._gather(count)
        data = self._rest[:count].tobytes()
        self._rest = self._rest[count:]
        return data

    def _gather(self, count: int) -> None:
        """Take what comes until there is enough: headers are small, reads are large."""
        parts = [self._rest.tobytes()]
        have = len(parts[0])
        while have < count and (chunk := next(self._chunks, None)) is not None:
            parts.append(chunk)
            have += len(chunk)
        self._rest = memoryview(b"".join(parts))

    def close(self) -> None:
        if not self.closed and hasattr(self._chunks, "close"):
            self._chunks.close()  # lets go of the directories that the walk holds open
        super().close()
