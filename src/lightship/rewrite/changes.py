"""What is to differ between an image and its rewrite: announced before, proven after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.rewrite.records import header_of

if TYPE_CHECKING:
    from lightship.layers.index import LayerIndex
    from lightship.layers.writing import TarRecord

_OVERLAY = b"trusted.overlay."


class Changes(Struct, frozen=True):
    """What a plan announces of the file tree.

    Attributes:
        removed: exact paths of names that go; of a directory that goes, every name below it too.
        latest_ns: modification times after this become this; None leaves them (`--clamp-mtime`).
    """

    removed: frozenset[bytes] = frozenset()
    latest_ns: int | None = None

    @property
    def clamps(self) -> bool:
        """Whether modification times may change."""
        return self.latest_ns is not None

    def touches(self, index: LayerIndex, entry: int) -> bool:
        """Whether a record's own header must be another than it was."""
        if self.latest_ns is not None and index.columns.mtimes_ns[entry] > self.latest_ns:
            return True
        xattrs = index.rarities.xattrs
        return bool(xattrs) and any(key.startswith(_OVERLAY) for key in xattrs.get(entry, ()))

    def header(
        self, index: LayerIndex, entry: int, path: bytes, link_to: bytes | None = None
    ) -> TarRecord:
        """The header of a record as it is to be."""
        return header_of(
            index,
            entry,
            path=path,
            link_to=link_to,
            latest_ns=self.latest_ns,
            without_xattrs=_OVERLAY.decode(),
        )
