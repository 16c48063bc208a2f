"""Sparse records written plainly: engines refuse GNU's sparse type (docker/cli#6153)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from lightship.errors import CorruptInputError
from lightship.layers.sparse import check_map
from lightship.layers.sparse_records import sparse_stretches
from lightship.layers.writing import padding
from lightship.printable import printable_path
from lightship.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightship.layers.index import LayerIndex
    from lightship.layers.sparse import Stretch

MOST_BYTES = 4 * 1024**3
"""A sparse file that is larger is refused: written plainly it would fill disks."""
_HOLE = memoryview(bytes(1024 * 1024))


def check_expandable(index: LayerIndex, entry: int) -> None:
    """Refuse a sparse file that is too large to be written plainly.

    Raises:
        CorruptInputError: its real size is over `MOST_BYTES`; the message names it.
    """
    real_bytes = index.columns.content_bytes[entry]
    if real_bytes > MOST_BYTES:
        raise CorruptInputError(
            f"{printable_path(index.path(entry))!r} is sparse and has {format_bytes(real_bytes)}, "
            f"and only those up to {format_bytes(MOST_BYTES)} are written plainly",
            "Keep its layer (`--keep N`), or build the image without it.",
        )


class Expansion:
    """One sparse record as it goes by; its content is given on with the holes filled.

    Memory grows with its map, never with its content.

    Args:
        index: of the layer that has it.
        entry: its number.
        give: takes the content and the padding after it.
    """

    def __init__(
        self, index: LayerIndex, entry: int, give: Callable[[bytes | memoryview], object]
    ) -> None:
        self._give = give
        self._header_bytes = index.columns.header_bytes[entry]
        self._stored_bytes = index.rarities.stored_bytes[entry]
        self._real_bytes = index.columns.content_bytes[entry]
        self._header = bytearray()
        self._stretches: list[Stretch] | None = None  # those that are left, the next one last
        self._position = 0
        self._state = hashlib.sha256()

    def take(self, part: memoryview) -> None:
        """The next piece of the record.

        Raises:
            CorruptInputError: it is not the record that was indexed.
        """
        if self._stretches is None:
            missing = self._header_bytes - len(self._header)
            self._header += part[:missing]
            part = part[missing:]
            if len(self._header) < self._header_bytes:
                return
            self._stretches = self._map()[::-1]
        stretches = self._stretches
        while stretches and part:
            offset, length = stretches.pop()
            self._fill(offset)
            piece = part[:length]
            self._put(piece)
            part = part[length:]
            if len(piece) < length:
                stretches.append((self._position, length - len(piece)))

    def finish(self) -> bytes:
        """Give the last hole and the padding; returns the content's SHA-256."""
        self._fill(self._real_bytes)
        self._give(padding(self._real_bytes))
        return self._state.digest()

    def _map(self) -> list[Stretch]:
        try:
            real_bytes, stretches, content_start = sparse_stretches(bytes(self._header))
            check_map(stretches, real_bytes, self._stored_bytes)
        except ValueError as problem:
            raise _changed() from problem
        if (real_bytes, content_start) != (self._real_bytes, self._header_bytes):
            raise _changed()
        self._header.clear()
        return [stretch for stretch in stretches if stretch[1]]

    def _fill(self, offset: int) -> None:
        while self._position < offset:
            self._put(_HOLE[: offset - self._position])

    def _put(self, piece: memoryview) -> None:
        self._state.update(piece)
        self._give(piece)
        self._position += len(piece)


def _changed() -> CorruptInputError:
    return CorruptInputError(
        "a sparse file has changed while it was read",
        "Run it again when nobody writes to the image.",
    )
