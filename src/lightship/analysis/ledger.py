"""The ledger: for every visible inode whose it is, what it is, and what it weighs on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

    from lightship.analysis.packages.package import Package
    from lightship.analysis.packages.records import Records
    from lightship.analysis.places import Place
    from lightship.filetree.tree import FileTree

NO_PACKAGE = 0


class Ownership(Struct, frozen=True, kw_only=True):
    """Which package each inode belongs to (made by `analysis.packages.owning`).

    Attributes:
        packages: in the order of their systems, then as their system gave them.
        owner_of: for each record of the tree `NO_PACKAGE`, or a package's number in `packages`
            plus one. Only records of visible regular inodes have an owner.
        notes: what could not be read.
    """

    packages: Sequence[Package]
    owner_of: array[int]
    notes: tuple[str, ...]

    def package_of(self, record: int) -> Package | None:
        """The package that owns a record's inode."""
        owner = self.owner_of[record]
        return self.packages[owner - 1] if owner != NO_PACKAGE else None


class WireUse(Struct, frozen=True, kw_only=True):
    """Each record's share of its compressed blob (made by `analysis.wire_files`).

    Live, dead and overhead of all distinct blobs add up to their sizes exactly.

    Attributes:
        wire_of: for each record of the tree its content's share. Of a blob that stands at several
            positions, one position's records have it: the lowest where the record is visible, else
            the lowest.
        dead_of: for each position, the shares of its dead records.
        overhead_of: for each position, what is no content; 0 where the blob was counted before.
        estimated: whether a blob's own size is an estimate.
    """

    wire_of: array[int]
    dead_of: Sequence[int]
    overhead_of: Sequence[int]
    estimated: bool


class Ledger(Struct, frozen=True, kw_only=True):
    """Everything together; arrays have one element a record of `tree`.

    Attributes:
        category_of: number of each visible inode's category in `catalogue.categories.CATEGORIES`.
    """

    tree: FileTree
    places: Sequence[Place]
    records: Records
    ownership: Ownership
    category_of: bytearray
    wire: WireUse
