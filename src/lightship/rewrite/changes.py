"""What is to differ between an image and its rewrite: announced before, proven after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from lightship.rewrite.records import header_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from lightship.filetree.tree import FileTree
    from lightship.layers.index import LayerIndex
    from lightship.layers.writing import TarRecord

OVERLAY = b"trusted.overlay."
"""Extended attributes in which overlayfs keeps its own state (Linux, Documentation/filesystems/
overlayfs.rst): written into an image they would mean something else, or nothing."""

_TABLE = b"stargz.index.json"
_LANDMARKS = frozenset((b".prefetch.landmark", b".no.prefetch.landmark"))


class Edited(Struct, frozen=True):
    """What a file must hold afterwards; all else of it stays as it was.

    Attributes:
        sha256: of its content, 32 bytes.
        content_bytes: how many bytes that has.
    """

    sha256: bytes
    content_bytes: int


class Linked(Struct, frozen=True):
    """A name that becomes a hard link to another file of the same content.

    Its mode, owner and extended attributes must be the other's already; it gets the other's time.

    Attributes:
        to: a name that the other file has afterwards.
        sha256: of the content that this name had: 32 bytes, from a read that was verified. The
            proof holds the other file's content, as it was written, against it.
    """

    to: bytes
    sha256: bytes


class Changes(Struct, frozen=True):
    """What a plan announces of the file tree. Paths are clean and relative to the root.

    Extended attributes of overlayfs are dropped from whatever is written anew, always.

    Attributes:
        removed: exact paths of names that go; of a directory that goes, every name below it too.
        latest_ns: in layers that are written anew, modification times after this become this; None
            leaves them (`--clamp-mtime`).
        edited: files whose content becomes another, by path. Where several names share the inode,
            each of them is here.
        linked: names that become hard links, by path (`--dedupe`).
    """

    removed: frozenset[bytes] = frozenset()
    latest_ns: int | None = None
    edited: Mapping[bytes, Edited] = field(default_factory=dict)
    linked: Mapping[bytes, Linked] = field(default_factory=dict)

    @property
    def clamps(self) -> bool:
        """Whether modification times may change."""
        return self.latest_ns is not None

    def without(self, paths: Collection[bytes]) -> Changes:
        """The same, and these names go, too."""
        return replace(self, removed=self.removed.union(paths)) if paths else self

    def touches(self, index: LayerIndex, entry: int) -> bool:
        """Whether a record's own header must be another than it was."""
        if self.latest_ns is not None and index.columns.mtimes_ns[entry] > self.latest_ns:
            return True
        xattrs = index.rarities.xattrs
        return bool(xattrs) and any(key.startswith(OVERLAY) for key in xattrs.get(entry, ()))

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
            without_xattrs=OVERLAY.decode(),
        )


def stargz_leftovers(tree: FileTree, positions: Collection[int]) -> frozenset[bytes]:
    """Names that eStargz puts into a layer for itself, in layers that are to be written anew.

    They describe the old blob, and would be junk in the new one (Z2). A layer is taken for eStargz
    only if its table of contents is its last record (stargz-snapshotter, docs/estargz.md).

    Args:
        tree: of the whole image.
        positions: of the layers that are written anew.
    """
    return frozenset(_leftovers(tree, positions))


def told_leftovers(paths: Collection[bytes]) -> tuple[str, ...]:
    """A note for people on such names, if there are any."""
    if not paths:
        return ()
    names = ", ".join(path.decode() for path in sorted(paths))
    return (f"dropped, as they describe a blob that is not there any more (eStargz): {names}",)


def _leftovers(tree: FileTree, positions: Collection[int]) -> Iterator[bytes]:
    for position in positions:
        index, base = tree.indexes[position - 1], tree.bases[position - 1]
        last = len(index) - 1
        if last < 0 or index.path(last) != _TABLE:
            continue
        for name in (_TABLE, *sorted(_LANDMARKS)):
            record = tree.root.children.get(name)
            if isinstance(record, int) and 0 <= record - base <= last:
                yield name
