"""The proof: what was written is read back, and compared with what was promised."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

from msgspec import Struct, field

from lightship.filetree.merging import merge
from lightship.rewrite.comparing import Comparison
from lightship.rewrite.copying import SHA_BYTES
from lightship.rewrite.differences import Difference, Found, ProofFailedError
from lightship.rewrite.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightship.filetree.tree import FileTree
    from lightship.rewrite.changes import Changes
    from lightship.rewrite.evidence import Part

_KINDS = ("removed", "edited", "linked", "clamped", "unmarked")


class Proof(Struct, frozen=True):
    """What was compared.

    Attributes:
        names: names of the new tree, all of which were held against the old one.
        files: regular files whose contents were read back and whose SHA-256 were compared; those
            of layers that stay lie in blobs whose digests, or tars whose diff IDs, are the same.
        content_bytes: unpacked bytes of these.
        removed: names that went, as announced.
        clamped: modification times that changed, as announced.
        edited: files whose content is the announced one.
        linked: names that became hard links, as announced.
        unmarked: names that lost extended attributes of overlayfs.
        visible_bytes: of the new tree, unpacked.
        config_fields: fields of the config that were compared.
        rows: the announced changes, the first of each kind (`differences.MOST_ROWS`).
    """

    names: int
    files: int
    content_bytes: int
    removed: int
    clamped: int
    visible_bytes: int = 0
    edited: int = 0
    linked: int = 0
    unmarked: int = 0
    config_fields: int = 0
    rows: Mapping[str, Sequence[Difference]] = field(default_factory=dict)

    @property
    def announced(self) -> Mapping[str, int]:
        """How many names changed as announced, by kind."""
        return {kind: getattr(self, kind) for kind in _KINDS}


def prove(tree: FileTree, parts: Sequence[Part], changes: Changes) -> Proof:
    """Compare the tree of the new layers with the old one, name by name.

    Args:
        tree: of the image that was rewritten.
        parts: the new layers.
        changes: what was announced.

    Raises:
        ProofFailedError: something differs that was not announced, or an announced change is
            missing.
    """
    new = merge([part.scan.index for part in parts])
    found = Found(wrong=[difference for part in parts for difference in part.wrong])
    evidence = Evidence(parts, tree, new)
    comparison = Comparison(tree, new, evidence, changes, found)
    comparison.run()
    if found.wrong:
        raise ProofFailedError(sorted(found.wrong, key=lambda one: (one.path, one.what)))
    written = [part for part in parts if part.taken is not None]
    counts = found.counts
    return Proof(
        names=comparison.names,
        files=sum(len(part.contents) for part in written) // SHA_BYTES,
        content_bytes=sum(part.scan.index.unpacked_bytes for part in written),
        removed=counts.get("removed", 0),
        clamped=counts.get("clamped", 0),
        visible_bytes=visible_bytes(new),
        edited=counts.get("edited", 0),
        linked=counts.get("linked", 0),
        unmarked=counts.get("unmarked", 0),
        rows=found.rows,
    )


def visible_bytes(tree: FileTree) -> int:
    """Unpacked bytes of the inodes that have a name."""
    return sum(
        index.unpacked_bytes
        - sum(compress(index.columns.content_bytes, tree.deaths[base : base + len(index)]))
        for base, index in zip(tree.bases, tree.indexes, strict=True)
    )
