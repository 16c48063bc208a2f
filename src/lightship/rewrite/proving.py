"""The proof: what was written is read back, and compared with what was promised."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

from msgspec import Struct

from lightship.errors import InternalError
from lightship.filetree.diffing import How, diff
from lightship.filetree.merging import merge
from lightship.layers.reading import Reading, read_layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightship.filetree.diffing import Change
    from lightship.filetree.tree import FileTree
    from lightship.layers.index import LayerIndex
    from lightship.layers.limits import Limits
    from lightship.layers.scan import LayerScan
    from lightship.rewrite.blobs import NewBlob
    from lightship.rewrite.changes import Changes


class Proof(Struct, frozen=True):
    """What was compared.

    Attributes:
        names: names of the new tree, all of which were held against the old one.
        files: regular files whose contents were read back and whose SHA-256 were compared.
        content_bytes: unpacked bytes of these.
        removed: names that went, as announced.
        clamped: modification times that changed, as announced.
        visible_bytes: of the new tree, unpacked.
    """

    names: int
    files: int
    content_bytes: int
    removed: int
    clamped: int
    visible_bytes: int = 0


def read_back(new: NewBlob, limits: Limits) -> LayerScan:
    """What a blob that was written holds, read from its bytes.

    Raises:
        InternalError: it is not what was written.
    """
    contents = bytearray()
    with new.blob.open() as stream:
        scan = read_layer(stream, Reading.within(limits, contents=contents))
    if scan.digest != new.blob.digest or scan.diff_id != new.diff_id:
        raise InternalError(f"the blob {new.blob.digest.short} is not what was written")
    if contents != new.hashes:
        raise InternalError(f"files in {new.blob.digest.short} have other contents than before")
    return scan


def prove(tree: FileTree, indexes: Sequence[LayerIndex], changes: Changes) -> Proof:
    """Compare the tree of the new layers with the old one, name by name.

    Args:
        tree: of the image that was rewritten.
        indexes: of the new layers; of those that stayed, the very objects of the old image.
        changes: what was announced.

    Raises:
        InternalError: something differs that was not announced, or an announced change is missing.
    """
    new = merge(indexes)
    removed = clamped = 0
    wrong: list[str] = []
    for change in diff(tree, new):
        if change.how is How.REMOVED and change.path in changes.removed:
            removed += 1
        elif _is_clamped(change, changes):
            clamped += 1
        else:
            wrong.append(f"{change.path!r}: {change.how} {', '.join(change.facts)}")
    if removed != len(changes.removed):
        wrong.append(f"{len(changes.removed) - removed} names are there that were to go")
    if wrong:
        raise InternalError(
            f"the proof failed: {'; '.join(wrong[:10])}", "Nothing was kept. Please report this."
        )
    names = sum(1 for _ in _names(new))
    return Proof(names, new.files, 0, removed, clamped, visible_bytes(new))


def visible_bytes(tree: FileTree) -> int:
    """Unpacked bytes of the inodes that have a name."""
    return sum(
        index.unpacked_bytes
        - sum(compress(index.columns.content_bytes, tree.deaths[base : base + len(index)]))
        for base, index in zip(tree.bases, tree.indexes, strict=True)
    )


def _names(tree: FileTree) -> Iterator[bytes]:
    return (name for _, name, _ in tree.root.names_below())


def _is_clamped(change: Change, changes: Changes) -> bool:
    old, new, latest = change.old, change.new, changes.latest_ns
    return (
        latest is not None
        and change.only_touched
        and old is not None
        and new is not None
        and old.mtime_ns > latest == new.mtime_ns
    )
