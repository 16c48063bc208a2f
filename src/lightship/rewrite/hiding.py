"""What kept layers have and the final tree has not: the markers of a new layer.

Both forms hide the same of the layers below, and differ only when the layer is put on another base
(W3, image-spec PR #1215). So what was said is said again: opaque is a directory that one of the old
layers hid as a whole (removed and made again, W13, or opaque), and all other names get a whiteout
each. Nothing that a kept layer has below such a directory can be in the final tree: what a layer
has hidden no later one brings back. The root gets no opaque marker: Docker's overlay2 puts that on
the layer's own directory, where a mount does not see it (measured, Docker 20.10).

Markers are written before all other records: they act on lower layers only (L2), but some readers
apply them where they stand. None is written for what is not there, so never in a lowest layer (W9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.errors import CorruptInputError
from lightship.model.entry import Kind
from lightship.printable import printable_path
from lightship.rewrite.records import opaque, whiteout

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lightship.filetree.tree import Directory, FileTree
    from lightship.layers.writing import TarRecord

# `.wh.` before these is a marker with another meaning.
_NO_WHITEOUT = frozenset((b".wh..opq", b".wh.plnk", b".wh.orph", b".wh.aufs"))


class Markers:
    """Collects the markers of a layer on top of others.

    Args:
        tree: of all layers.
        kept: how many of the first layers stay.
        removed: names that are to go besides.
    """

    def __init__(self, tree: FileTree, kept: int, removed: Collection[bytes]) -> None:
        self._removed = removed
        self._cleared = frozenset(_cleared(tree, kept)) if kept else frozenset()
        self._clears_root = b"" in self._cleared
        self._markers: list[TarRecord] = []

    def clears(self, path: bytes) -> bool:
        """Whether all that kept layers have in a directory of both trees is hidden at once."""
        if self._clears_root and b"/" not in path:
            return path != b""
        return path in self._cleared

    def hide(self, node: Directory, lower: Directory, path: bytes) -> bool:
        """Hide what a directory has in the kept layers and not in the end.

        Returns:
            Whether there is anything to hide.

        Raises:
            CorruptInputError: a name has no whiteout.
        """
        if self.clears(path):
            if lower.children:
                self._markers.append(opaque(path))
            return bool(lower.children)
        prefix = path + b"/" if path else b""
        gone = [
            name
            for name in lower.children
            if name not in node.children or (self._removed and prefix + name in self._removed)
        ]
        for name in gone:
            if name in _NO_WHITEOUT:
                raise CorruptInputError(
                    f"{printable_path(prefix + name)!r} has no whiteout: that name means another",
                    "Keep no layer that has it.",
                )
            self._markers.append(whiteout(prefix + name))
        return bool(gone)

    def sorted(self) -> list[TarRecord]:
        """All of them, in byte order."""
        return sorted(self._markers, key=lambda marker: marker.name)


def _cleared(tree: FileTree, kept: int) -> Iterator[bytes]:
    """Paths that markers of the upper layers name as theirs.

    Where a symlink led such a path elsewhere, the kept layers' directory was gone already.
    """
    for index in tree.indexes[kept:]:
        for entry in index.entries_of(Kind.WHITEOUT):
            yield index.path(entry)
        for entry in index.entries_of(Kind.OPAQUE):
            yield index.directories[index.columns.directories[entry]]
