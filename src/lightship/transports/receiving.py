"""What becomes of an archive whose bytes come by once: of a pipe, an engine, a compressed file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from lightship.transports.stream import ArchiveStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.transports.store import Archive
    from lightship.transports.stream import ReadLayer


class Receiver(Protocol):
    """Takes archives whose bytes come by once."""

    @property
    def keeps_layers(self) -> bool:
        """Whether the layers of what was received can be opened, as often as one likes."""

    def receive(self, chunks: Iterator[bytes], where: str) -> Archive:
        """Take an archive to its end.

        Args:
            chunks: its bytes, uncompressed.
            where: for messages.

        Raises:
            CorruptInputError: the tar breaks its format or is cut off (`tape.TarError`).
            DestinationError: there is no room to keep it.
        """


class PassingBy(Struct, frozen=True):
    """Layers are read as they come by, and only what that gave stays (`Receiver`)."""

    read_layer: ReadLayer

    keeps_layers = False

    def receive(self, chunks: Iterator[bytes], where: str) -> Archive:
        return ArchiveStream(chunks, self.read_layer, where)
